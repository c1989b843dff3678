"""Places that the published files go to besides the folder on this host: one file for each kind."""
