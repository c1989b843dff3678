"""What the rooms keep."""

from rooms.models.bridge import Bridge, BridgeCaller, WrongBridgePin
from rooms.models.calls import CallChoice, CallLine, LiveCall
from rooms.models.slack import (
    SlackChannel,
    SlackInbound,
    SlackOutgoing,
    SlackPause,
    SlackUser,
    SlackWorkspace,
)
from rooms.models.slack_rooms import SlackDraft, SlackFollowed, SlackHome, SlackNoted

__all__ = [
    "Bridge",
    "BridgeCaller",
    "CallChoice",
    "CallLine",
    "LiveCall",
    "SlackChannel",
    "SlackDraft",
    "SlackFollowed",
    "SlackHome",
    "SlackInbound",
    "SlackNoted",
    "SlackOutgoing",
    "SlackPause",
    "SlackUser",
    "SlackWorkspace",
    "WrongBridgePin",
]
