"""Pure rules of incidents: data and `now` in, answers out."""
