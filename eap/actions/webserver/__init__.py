"""Back up a web server, bring it back in twelve steps, and prove now and then that this would work."""
