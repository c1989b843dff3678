"""How telling the customers stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from resets.models import Notice, NoticeLetter, Reset
from resets.notices.letters import rates_of, warm_s
from resets.notices.pacing import left_s, rate_at


@dataclass(frozen=True, kw_only=True)
class RoundFigures:
    """One round: letters by state ("sent": 12), accounts without an address among those looked at, `codes` of what did
    not arrive, the rate now (mails a second), and the seconds that are left at its pace (domains' shares aside)."""

    notice: Notice
    letters: Mapping[str, int]
    codes: Mapping[str, int]
    without_address: int
    rate: float
    left_s: float

    @property
    def total(self) -> int:
        """Return how many letters there are."""
        return sum(self.letters.values())


def figures(reset: Reset, *, now: datetime) -> list[RoundFigures]:
    """Return each round of a reset, the first one first. Two queries a round."""
    return [_round(notice, now=now) for notice in reset.notices.select_related("approved_by").order_by("round")]


def _round(notice: Notice, *, now: datetime) -> RoundFigures:
    letters = NoticeLetter.objects.filter(notice=notice)
    by_state = dict(letters.order_by().values_list("state").annotate(count=Count("pk")))
    states = NoticeLetter.State
    wrong = letters.filter(state__in=[states.FAILED, states.BOUNCED, states.UNKNOWN]).order_by()
    rates, warm = rates_of(notice), warm_s(notice, now=notice.paused_at or now)
    waiting = by_state.get(states.PENDING, 0) + by_state.get(states.SENDING, 0)
    return RoundFigures(
        notice=notice,
        letters={str(state): by_state.get(state, 0) for state in states},
        codes=dict(wrong.values_list("code").annotate(count=Count("pk"))),
        without_address=notice.without_address,
        rate=rate_at(rates, warm_s=warm) if notice.state == Notice.State.SENDING else 0.0,
        left_s=left_s(waiting, rates, warm_s=warm),
    )
