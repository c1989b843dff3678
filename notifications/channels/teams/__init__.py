"""Microsoft Teams by a Workflows webhook: an Adaptive Card with a button that opens the page."""

from notifications.channels.teams.channel import TeamsChannel

CHANNELS = (TeamsChannel(),)
