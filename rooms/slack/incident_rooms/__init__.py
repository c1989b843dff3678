"""Incidents' channels in Slack: made, filled, kept up to date, archived; always from what is so now."""
