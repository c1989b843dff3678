"""Calls that ring, are answered and talk, and messages that arrive: what a telephone network does."""
