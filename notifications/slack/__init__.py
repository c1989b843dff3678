"""Slack's Web API: what the paging channel and the rooms above it share."""
