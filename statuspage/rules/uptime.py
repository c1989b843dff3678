"""Uptime: from stretches of trouble to a bar a day and a figure; pure.

The rule, printed beside each figure: a component that is partly out is counted as 30 % down, one that is out as down,
degraded ones as up. Maintenance either leaves the reckoning altogether (excluded: what was announced is no downtime,
and no uptime either) or counts as down (included). The weights are those that Instatus documents and Statuspage is told
to use; both figures are always shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from statuspage.rules.impact import OPERATIONAL, SEVERITY, Span

DAYS: Final = 90
PARTIAL_TENTHS: Final = 3
MAJOR_TENTHS: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A day in the page's zone: whole seconds in each state, out of `counted_s`, and the worst of them.

    A day has 23 or 25 hours when clocks change, and fewer when the record begins in it or it is not over. `worst` is ""
    for a day before the record begins.
    """

    day: date
    counted_s: int = 0
    degraded_s: int = 0
    partial_s: int = 0
    major_s: int = 0
    maintenance_s: int = 0
    worst: str = ""


@dataclass(slots=True)
class _Sum:
    seconds: dict[str, int] = field(default_factory=dict)
    worst: str = OPERATIONAL


def record_begins(*, start_date: date | None, created_at: datetime, zone: ZoneInfo) -> datetime:
    """Return from when a component counts: the start of its start date in the page's zone, else its creation."""
    return created_at if start_date is None else _midnight(start_date, zone)


def daily(spans: Iterable[Span], *, begins: datetime, now: datetime, zone: ZoneInfo, days: int = DAYS) -> list[Day]:
    """Return the last `days` days up to the one of `now`, oldest first, for a component that counts since `begins`."""
    dates, edges = _calendar(now.astimezone(zone).date(), days, zone)
    start, end = _seconds(begins), _seconds(now)
    sums = [_Sum() for _ in dates]
    for span in spans:
        if span.status == OPERATIONAL:
            continue
        until = end if span.end is None else min(_seconds(span.end), end)
        _share(max(_seconds(span.start), start, edges[0]), until, span.status, edges=edges, sums=sums)
    return [
        _day(day, max(0, min(edges[place + 1], end) - max(edges[place], start)), sums[place], edges[place + 1] > start)
        for place, day in enumerate(dates)
    ]


def uptime(days: Iterable[Day], *, maintenance_included: bool) -> float | None:
    """Return the percentage of counted time that the component was up, 0 to 100; None where no time counts.

    `1 - (0.3 partial + 1.0 major) / counted`, and maintenance is added to the downtime or leaves the counted time.
    """
    counted = down_tenths = 0
    for day in days:
        counted += day.counted_s
        down_tenths += PARTIAL_TENTHS * day.partial_s + MAJOR_TENTHS * day.major_s
        if maintenance_included:
            down_tenths += MAJOR_TENTHS * day.maintenance_s
        else:
            counted -= day.maintenance_s
    return None if counted <= 0 else 100.0 * (1.0 - down_tenths / (10.0 * counted))


def mean(figures: Sequence[float | None]) -> float | None:
    """Return a group's uptime: the mean of its components', those without a figure left out; None for none."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) / len(known) if known else None


def shown(figure: float | None, *, decimals: int = 2) -> str:
    """Return a percentage as it is written: cut off, not rounded, so that only what never failed reads 100."""
    if figure is None:
        return ""
    if figure >= 100.0:
        return "100"
    scale = 10**decimals
    # A figure such as 99.7 is a hair below itself in binary, and must not read 99.69.
    return f"{int(figure * scale + 1e-6) / scale:.{decimals}f}"


def _share(start: int, end: int, status: str, *, edges: Sequence[int], sums: Sequence[_Sum]) -> None:
    """Add a stretch's seconds to the days that it touches."""
    while start < end:
        place = bisect_right(edges, start) - 1
        if place >= len(sums):
            return
        upto = min(end, edges[place + 1])
        total = sums[place]
        total.seconds[status] = total.seconds.get(status, 0) + upto - start
        if SEVERITY[status] > SEVERITY[total.worst]:
            total.worst = status
        start = upto


def _day(day: date, counted: int, total: _Sum, recorded: bool) -> Day:
    if not recorded:
        return Day(day=day)
    return Day(
        day=day,
        counted_s=counted,
        degraded_s=total.seconds.get("degraded_performance", 0),
        partial_s=total.seconds.get("partial_outage", 0),
        major_s=total.seconds.get("major_outage", 0),
        maintenance_s=total.seconds.get("under_maintenance", 0),
        worst=total.worst,
    )


@lru_cache(maxsize=16)
def _calendar(last: date, days: int, zone: ZoneInfo) -> tuple[tuple[date, ...], tuple[int, ...]]:
    """Return the days up to `last`, and the seconds at which each begins and the last ends: alike for a whole page."""
    dates = tuple(last - timedelta(days=days - 1 - place) for place in range(days))
    return dates, tuple(_seconds(_midnight(day, zone)) for day in (*dates, last + timedelta(days=1)))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def _seconds(moment: datetime) -> int:
    return round(moment.timestamp())
