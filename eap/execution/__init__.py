"""Carrying out what runs have released: claim, call the action, keep the lease, record the result under its fence."""
