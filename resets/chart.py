"""How fast a reset went, over time: one strip for each phase on a common axis, and the same as figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from resets.models import Phase, Reset

SLOTS: Final = 60
"""Strips are cut into so many equal parts of the time that the reset took."""
HEIGHT: Final = 24
SHORTEST: Final = timedelta(seconds=60)

_DONE: Final = """
SELECT c.phase_id, least(floor(extract(epoch FROM c.ended_at - %(begin)s) / %(slot)s)::int, %(slots)s - 1) AS slot,
    sum(c.applied + c.unchanged)::bigint
FROM resets_chunk c JOIN resets_phase p ON p.id = c.phase_id
WHERE p.reset_id = %(reset)s AND c.state = 'done' AND c.ended_at IS NOT NULL
GROUP BY c.phase_id, slot ORDER BY c.phase_id, slot
"""


@dataclass(frozen=True)
class Bar:
    """One slot of a strip; `at` is its place, `height` of `HEIGHT`, `rate` accounts a second."""

    at: int
    height: int
    top: int
    began: datetime
    accounts: int
    rate: float

    @property
    def rate_in_words(self) -> str:
        """Return accounts a second, slow ones with their decimals."""
        return pace(self.rate)


@dataclass(frozen=True)
class Strip:
    """A phase over time. `most` is its fastest slot, in accounts a second."""

    title: str
    bars: list[Bar]
    most: float

    @property
    def most_in_words(self) -> str:
        """Return the fastest slot's pace."""
        return pace(self.most)


@dataclass(frozen=True)
class Chart:
    """All phases between `begin` and `end`; a slot lasts `slot_s` seconds."""

    begin: datetime
    end: datetime
    slot_s: float
    strips: list[Strip]
    width: int = SLOTS
    height: int = HEIGHT


def chart(reset: Reset, *, now: datetime) -> Chart | None:
    """Return the chart of a reset, None before anything was done. Two queries, whatever the number of accounts."""
    phases = list(Phase.objects.filter(reset=reset, started_at__isnull=False).order_by("pk"))
    if not phases:
        return None
    begin = min(phase.started_at for phase in phases if phase.started_at)
    ended = [phase.ended_at for phase in phases]
    end = max(each for each in ended if each) if all(ended) else now
    end = max(end, begin + SHORTEST)
    slot_s = (end - begin).total_seconds() / SLOTS
    with connection.cursor() as cursor:
        cursor.execute(_DONE, {"begin": begin, "slot": slot_s, "slots": SLOTS, "reset": reset.pk})
        rows = cursor.fetchall()
    strips = []
    for phase in phases:
        mine = [
            (slot, accounts) for phase_id, slot, accounts in rows if phase_id == phase.pk and accounts and slot >= 0
        ]
        if mine:
            strips.append(_strip(str(phase.get_name_display()), mine, begin, slot_s))
    return Chart(begin, end, slot_s, strips) if strips else None


def _strip(title: str, found: list[tuple[int, int]], begin: datetime, slot_s: float) -> Strip:
    most = max(accounts for _slot, accounts in found)
    bars = []
    for slot, accounts in found:
        height = max(1, round(HEIGHT * accounts / most))
        began = begin + timedelta(seconds=slot * slot_s)
        bars.append(Bar(slot, height, HEIGHT - height, began, accounts, accounts / slot_s))
    return Strip(title, bars, most / slot_s)


def pace(rate: float) -> str:
    """Return accounts a second as people read them: "23,400", "7.5", "0.02"."""
    if rate >= 10:
        return f"{rate:,.0f}"
    return f"{rate:.1f}" if rate >= 1 else f"{rate:.2g}"
