"""The Slack workspace as a place to work from."""
