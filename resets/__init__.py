"""Mass credential resets: a frozen scope, worked off in leased chunks against the systems that hold the accounts."""
