"""From a pressed key to the verb or the decision it stands for, whichever carrier heard it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.deciding import Choice, Decided, decide, heard, weigh
from notifications.inbound import Asked, PageVerb, answer, is_new

VERBS: Final[dict[str, PageVerb]] = {"1": "acknowledge", "2": "escalate", "9": "decline"}
DECISIONS: Final = {"5": True, "6": False}
AGAIN: Final = "3"
MOST_TURNS: Final = 3
"""How often a PIN is asked for in one call."""


def answer_by_key(asked: Asked, *, digits: str, provider: str, key: str, now: datetime) -> str | None:
    """Do what a key means and return what to say; None for a key that means nothing. A double changes nothing."""
    verb = VERBS.get(digits)
    if verb is None:
        return None
    return answer(asked, verb=verb, via="voice", provider=provider, key=key, now=now)


def decide_by_key(asked: Asked, choice: Choice, *, provider: str, key: str, now: datetime) -> Decided:
    """Take a choice made by keypad. What only leads to the next question may be asked twice; a double changes nothing.

    Carriers repeat a request that they got no answer to: they then hear the same question again.
    """
    with transaction.atomic():
        decided = weigh(asked, choice, now=now)
        if decided is None:
            if is_new(provider, key, now=now):
                decided = decide(asked, choice, via="voice", now=now)
            else:
                with translation.override(asked.person.language):
                    decided = Decided(sentence=_("Your answer has been taken already."))
    heard(asked, decided, via="voice", now=now)
    return decided
