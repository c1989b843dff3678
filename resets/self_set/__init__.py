"""`/reset/`: where customers set a new password themselves after a reset. Public, without an account or a cookie."""
