"""The ground of every screen and of the API: refusals, live changes, secrets, signed links, plumbing."""
