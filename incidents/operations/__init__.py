"""Every change of an incident, one verb per file.

Each is keyword-only, runs inside the caller's transaction, and locks top-down: the incident, its open pages in the
order of their ids, what belongs to them, the ledger's head last. None touches the network. A done move repeated changes
nothing; a forbidden one raises `IllegalMove` with a sentence.
"""
