"""What customers and support do about new passwords: one file a verb."""
