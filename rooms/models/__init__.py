"""What the rooms keep."""

from rooms.models.slack import (
    SlackChannel,
    SlackInbound,
    SlackOutgoing,
    SlackPause,
    SlackUser,
    SlackWorkspace,
)

__all__ = ["SlackChannel", "SlackInbound", "SlackOutgoing", "SlackPause", "SlackUser", "SlackWorkspace"]
