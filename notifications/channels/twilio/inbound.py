"""Keys pressed on Twilio's calls."""

from __future__ import annotations

from engine import clock
from notifications.channels.twilio.decisions import PROVIDER
from notifications.inbound import Asked
from notifications.phone import pressed


def answer_by_key(asked: Asked, *, digits: str, key: str) -> str | None:
    """Do what a key means and return what to say; None for a key that means nothing. A double changes nothing."""
    return pressed.answer_by_key(asked, digits=digits, provider=PROVIDER, key=key, now=clock.now())
