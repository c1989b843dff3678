"""Who is in a reset: the selection, the accounts frozen from it, their old hashes sealed."""
