"""Where a message goes that its provider did not take or did not pass on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from notifications.models import Attempt
from notifications.operations.carrier_standings import Standings
from notifications.operations.outbox import CHATTER
from notifications.rules.breaker import ANSWERS, next_after_failure


@dataclass(frozen=True, kw_only=True, slots=True)
class NextCarrier:
    """The provider of the next try. `at_once`: it has not been tried for this message yet."""

    provider: str
    at_once: bool
    providers: int


def next_carrier(*, delivery_id: int, channel: str, provider: str, urgency: str, kind: str) -> NextCarrier:
    """Return where a message goes next after `provider` failed, whose attempt is kept already.

    What nobody is woken for stays with its provider, and waits: the next claim passes over open breakers anyway.
    """
    every = Standings.read().of(channel)
    if urgency != "high" or kind in CHATTER or len(every) < 2:
        return NextCarrier(provider=provider, at_once=False, providers=max(1, len(every)))
    kept = Attempt.objects.filter(delivery=delivery_id, result__in=sorted(ANSWERS))
    tries = Counter(kept.order_by().values_list("provider", flat=True))
    tries[provider] = max(tries[provider], 1)
    chosen, at_once = next_after_failure(every, tries=tries)
    return NextCarrier(provider=chosen, at_once=at_once, providers=len(every))
