"""From a pressed key to the verb it stands for."""

from __future__ import annotations

from engine import clock
from notifications.channels.twilio.decisions import PROVIDER
from notifications.inbound import Asked, PageVerb, answer

KEYS: dict[str, PageVerb] = {"1": "acknowledge", "2": "escalate", "9": "decline"}


def answer_by_key(asked: Asked, *, digits: str, key: str) -> str | None:
    """Do what a key means and return what to say; None for a key that means nothing. A double changes nothing."""
    verb = KEYS.get(digits)
    if verb is None:
        return None
    return answer(asked, verb=verb, via="voice", provider=PROVIDER, key=key, now=clock.now())
