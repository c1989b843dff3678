"""The systems that hold accounts, a folder each behind one interface (`base`)."""
