"""Approvals by text and by keypad."""
