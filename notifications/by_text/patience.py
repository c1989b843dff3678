"""How often a number is answered that does not make itself understood: two machines must not talk for ever."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from notifications.inbound import is_new
from notifications.models import Delivery

HINTS: Final = 5
"""How often a number is told the possible answers on one day (UTC)."""
SAME_WORDS: Final = 10
"""How often the same words of a number are answered within one hour of the clock."""


def may_be_told_again(number: str, *, now: datetime) -> bool:
    """Tell whether to answer nonsense once more: `HINTS` times a day.

    The first one after each page is answered in any case: who means to take a page must never be met with silence.
    In the caller's transaction.
    """
    last = (
        Delivery.objects.filter(address=number, page__isnull=False).order_by("-id").values_list("id", flat=True).first()
    )
    first_since = last is not None and is_new("hint", f"{number}:after:{last}", now=now)
    left = any(is_new("hint", f"{number}:{now:%Y-%m-%d}:{place}", now=now) for place in range(HINTS))
    return first_since or left


def may_hear_that_again(number: str, words: str, *, now: datetime) -> bool:
    """Tell whether to answer the same words once more: `SAME_WORDS` times an hour. In the caller's transaction."""
    digest = hashlib.sha256(" ".join(words.split()).casefold().encode()).hexdigest()[:16]
    return any(is_new("said", f"{number}:{digest}:{now:%Y-%m-%dT%H}:{place}", now=now) for place in range(SAME_WORDS))
