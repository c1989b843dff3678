"""Resets and account systems in the API."""
