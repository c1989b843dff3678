"""What people do with a notice: one file a verb."""
