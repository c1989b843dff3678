"""What systems that are driven over HTTP have in common: one way to call, and notes of what was done."""
