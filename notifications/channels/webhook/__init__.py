"""Signed JSON posted to an address of the person's own: a bridge to whatever else wakes them."""

from notifications.channels.webhook.channel import WebhookChannel

CHANNELS = (WebhookChannel(),)
