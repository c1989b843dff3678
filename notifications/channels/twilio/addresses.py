"""The addresses that Twilio calls back, built on the configured public address: signatures cover them whole."""

from __future__ import annotations

from django.conf import settings

from notifications.channels.base import Message


def voice_url(token: str) -> str:
    """Return where the words of a call come from."""
    return f"{settings.PUBLIC_URL}/twilio/voice/{token}"


def answer_url(token: str) -> str:
    """Return where a pressed key goes."""
    return f"{settings.PUBLIC_URL}/twilio/voice/{token}/answer"


def status_url(message: Message) -> str:
    """Return where news of this try go; a late word about an earlier try is recognised by the number at the end."""
    return f"{settings.PUBLIC_URL}/twilio/status/{message.delivery_id}/{message.fence}"
