"""Vonage: the second carrier of calls and texts, by its official library."""

from notifications.channels.vonage.sms import VonageSms
from notifications.channels.vonage.voice import VonageVoice

CHANNELS = (VonageVoice(), VonageSms())
