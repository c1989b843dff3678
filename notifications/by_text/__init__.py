"""Text messages, whichever provider carries them: what they say, and what is done with what comes back."""
