"""Apprise's many services, as far as they go: no receipts, no answers but by the link. An optional extra."""

from notifications.channels.apprise.channel import AppriseChannel

CHANNELS = (AppriseChannel(),)
