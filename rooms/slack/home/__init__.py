"""Somebody's Home tab: what waits for them, what is open, who is on call."""
