"""The status page in the API, `/status/…`: a router per noun."""
