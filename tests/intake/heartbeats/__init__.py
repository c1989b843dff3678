"""Jobs that must report."""
