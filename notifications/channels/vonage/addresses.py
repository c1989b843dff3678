"""The addresses that Vonage calls back, built on the configured public address."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings

from notifications.channels.base import Message


def answer_url(token: str) -> str:
    """Return where the words of a call come from."""
    return f"{settings.PUBLIC_URL}/vonage/voice/{token}"


def key_url(token: str, *, seal: str, turn: int) -> str:
    """Return where a pressed key goes; `seal` stands for the question spoken before it, `turn` counts how often."""
    return f"{settings.PUBLIC_URL}/vonage/voice/{token}/key?{urlencode({'seal': seal, 'turn': turn})}"


def pin_url(token: str, *, seal: str, turn: int) -> str:
    """Return where a PIN goes that is asked for the `turn`th time in this call."""
    return f"{settings.PUBLIC_URL}/vonage/voice/{token}/pin?{urlencode({'seal': seal, 'turn': turn})}"


def call_url(message: Message) -> str:
    """Return where news of this try of a call go; the number of the try tells a late word from a new one."""
    return f"{settings.PUBLIC_URL}/vonage/call/{message.delivery_id}/{message.fence}"


def text_url(message: Message) -> str:
    """Return where the receipt of this try of a text goes; one about several pages is told apart by its own name."""
    if message.together:
        return f"{settings.PUBLIC_URL}/vonage/texts"
    return f"{settings.PUBLIC_URL}/vonage/text/{message.delivery_id}/{message.fence}"
