"""`/incident` and what may follow it."""
