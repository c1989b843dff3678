"""How chunks are worked off: claimed under a lease, carried out outside any transaction, finished under their fence."""
