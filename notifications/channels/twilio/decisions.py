"""Approvals by key: how a choice comes in and what is said to it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.deciding import Choice, Decided, decide, heard, weigh
from notifications.inbound import Asked, is_new

PROVIDER = "twilio"


def decide_by_key(asked: Asked, choice: Choice, *, key: str, now: datetime) -> Decided:
    """Take a choice made by keypad. What only leads to the next question may be asked twice; a double changes nothing.

    Twilio repeats a request that it got no answer to: it then hears the same question again.
    """
    with transaction.atomic():
        decided = weigh(asked, choice, now=now)
        if decided is None:
            if is_new(PROVIDER, key, now=now):
                decided = decide(asked, choice, via="voice", now=now)
            else:
                with translation.override(asked.person.language):
                    decided = Decided(sentence=_("Your answer has been taken already."))
    heard(asked, decided, via="voice", now=now)
    return decided
