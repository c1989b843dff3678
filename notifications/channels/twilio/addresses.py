"""The addresses that Twilio calls back, built on the configured public address: signatures cover them whole."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings

from notifications.by_text.tries import tries_of
from notifications.channels.base import Message


def voice_url(token: str) -> str:
    """Return where the words of a call come from."""
    return f"{settings.PUBLIC_URL}/twilio/voice/{token}"


def answer_url(token: str, *, seal: str = "") -> str:
    """Return where a pressed key goes; `seal` stands for the question that is spoken before it."""
    told = f"?{urlencode({'seal': seal})}" if seal else ""
    return f"{settings.PUBLIC_URL}/twilio/voice/{token}/answer{told}"


def pin_url(token: str, *, seal: str, turn: int) -> str:
    """Return where a PIN goes that is asked for the `turn`th time in this call."""
    return f"{settings.PUBLIC_URL}/twilio/voice/{token}/pin?{urlencode({'seal': seal, 'turn': turn})}"


def status_url(message: Message) -> str:
    """Return where news of this try go; a late word about an earlier try is recognised by the number at the end."""
    return f"{settings.PUBLIC_URL}/twilio/status/{message.delivery_id}/{message.fence}"


def bundle_status_url(message: Message) -> str:
    """Return where news of a text about several pages go: `12.1-13.1` names each delivery and its try."""
    return f"{settings.PUBLIC_URL}/twilio/bundle/{tries_of(message)}"
