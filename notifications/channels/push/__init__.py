"""Notifications on the person's own devices by web push: they ring through a browser, with an Acknowledge in them."""

from notifications.channels.push.channel import PushChannel

CHANNELS = (PushChannel(),)
