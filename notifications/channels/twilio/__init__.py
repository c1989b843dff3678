"""Twilio: calls with a keypad answer, texts with a reply code."""

from notifications.channels.twilio.sms import SmsChannel
from notifications.channels.twilio.voice import VoiceChannel

CHANNELS = (VoiceChannel(), SmsChannel())
