"""Pages behind a password: made into a folder of this host that no web server knows, handed out by Muster alone."""
