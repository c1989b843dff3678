"""A Slack-compatible workspace: its Web API, what it sends to the app, and a page for people to write and press on."""
