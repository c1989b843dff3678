"""Direct messages in Slack, with buttons to answer by."""

from notifications.channels.slack.channel import SlackChannel

CHANNELS = (SlackChannel(),)
