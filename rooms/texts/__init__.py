"""What people may text beside answers to pages."""
