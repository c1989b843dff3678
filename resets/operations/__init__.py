"""One file for each verb: the only code that changes the state of a reset."""
