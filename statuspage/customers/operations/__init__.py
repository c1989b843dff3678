"""One file per verb: what changes customers, their servers and their links."""
