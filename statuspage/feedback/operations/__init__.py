"""One file per verb: what customers and staff do with feedback."""
