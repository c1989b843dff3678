"""What was seen after the work, what became of each account, and the completion report."""
