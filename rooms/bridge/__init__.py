"""The phone bridge: a conference for each grave incident."""
