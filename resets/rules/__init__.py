"""Pure: data and the time in, answers out."""
