"""Approvals by key on Twilio's calls."""

from __future__ import annotations

from datetime import datetime

from notifications.deciding import Choice, Decided
from notifications.inbound import Asked
from notifications.phone import pressed

PROVIDER = "twilio"


def decide_by_key(asked: Asked, choice: Choice, *, key: str, now: datetime) -> Decided:
    """Take a choice made by keypad; Twilio repeats a request that it got no answer to and hears the same again."""
    return pressed.decide_by_key(asked, choice, provider=PROVIDER, key=key, now=now)
