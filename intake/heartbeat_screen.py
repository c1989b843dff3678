"""How heartbeats are shown: their state in a word, and their latest reports as one drawing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.rules.numbers import in_words
from intake.models import Heartbeat, Ping
from intake.rules.heartbeat_words import told

LOOKS: Final = {
    "new": ("quiet", "question"),
    "up": ("ok", "check"),
    "started": ("calm", "play"),
    "late": ("bad", "late"),
    "failed": ("bad", "cross"),
    "paused": ("quiet", "pause"),
}
"""Kind and icon of each state."""
DRAWN: Final = 30
HEIGHT: Final = 24
SHORTEST: Final = 6
STEP: Final = 5


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One report that ended a run, as drawn: a failure as high as can be, a success as high as it took long."""

    x: int
    y: int
    height: int
    failed: bool


@dataclass(frozen=True, kw_only=True)
class Strip:
    """The latest reports, oldest first, and what they say in words."""

    bars: tuple[Bar, ...]
    words: str

    @property
    def width(self) -> int:
        """Return the drawing's width in its own units."""
        return STEP * DRAWN


@dataclass(frozen=True, kw_only=True)
class Row:
    """One heartbeat in the list."""

    heartbeat: Heartbeat
    kind: str
    icon: str
    told: str
    strip: Strip


def rows(heartbeats: Sequence[Heartbeat]) -> list[Row]:
    """Return heartbeats as they are listed, those in trouble first. One query for all their reports."""
    latest: dict[int, list[Ping]] = defaultdict(list)
    found = Ping.objects.filter(
        heartbeat__in=[each.pk for each in heartbeats], number__gt=F("heartbeat__ping_count") - 2 * DRAWN
    )
    for ping in found.exclude(signal=Ping.Signal.START).defer("body").order_by("number"):
        latest[ping.heartbeat_id].append(ping)
    shown = [
        Row(
            heartbeat=each,
            kind=LOOKS[each.state][0],
            icon=LOOKS[each.state][1],
            told=told(each.schedule),
            strip=strip(latest[each.pk]),
        )
        for each in heartbeats
    ]
    return sorted(shown, key=lambda row: row.kind != "bad")


def strip(ends: Sequence[Ping]) -> Strip:
    """Draw the newest of these reports, none of them a start, oldest first."""
    drawn = ends[-DRAWN:]
    longest = max((ping.duration_ms or 0 for ping in drawn), default=0)
    bars = []
    for place, ping in enumerate(drawn, start=DRAWN - len(drawn)):
        failed = ping.signal == Ping.Signal.FAIL
        share = (ping.duration_ms or 0) / longest if longest else 0
        height = HEIGHT if failed else SHORTEST + round(share * (HEIGHT - SHORTEST - 4))
        bars.append(Bar(x=place * STEP, y=HEIGHT - height, height=height, failed=failed))
    return Strip(bars=tuple(bars), words=_words(drawn))


def took(ping: Ping) -> str:
    """Return how long the run took that a report ended; "" where its start was not heard."""
    if ping.duration_ms is None:
        return ""
    return f"{ping.duration_ms} ms" if ping.duration_ms < 1000 else in_words(ping.duration_ms / 1000)


def _words(drawn: Sequence[Ping]) -> str:
    if not drawn:
        return _("No report yet")
    failed = sum(ping.signal == Ping.Signal.FAIL for ping in drawn)
    reports = ngettext("%(n)s report", "%(n)s reports", len(drawn)) % {"n": len(drawn)}
    return _("%(reports)s, %(failed)s failed") % {"reports": reports, "failed": failed}
