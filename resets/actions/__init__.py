"""What plans call: the moves of a reset as actions."""
