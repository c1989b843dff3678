"""What runs on the web server itself: standard library only, Python 3.9 or newer. It is sent there with each call."""
