"""Text messages by one HTTP request each, after a template: whatever provider there is at the place."""

from notifications.channels.sms_http.channel import HttpSmsChannel

CHANNELS = (HttpSmsChannel(),)
