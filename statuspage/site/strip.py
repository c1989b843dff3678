"""The 90 days of a component as one drawing: a bar a day, told by height and colour, and as words."""

from __future__ import annotations

from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from statuspage.rules.uptime import Day
from statuspage.site import body
from statuspage.site.words import STATUS

STEP: Final = 4
"""Units from one bar to the next; a bar is three wide."""
HEIGHT: Final = 32
TOP: Final = {
    "operational": 8,
    "under_maintenance": 8,
    "degraded_performance": 5,
    "partial_outage": 2,
    "major_outage": 0,
    "": 24,
}
"""Where a bar begins: the worse, the taller, so that a day is read without its colour."""


def strip(days: tuple[Day, ...]) -> SafeString:
    """Draw days, oldest first. Runs of quiet days are one rectangle of a pattern that the page defines once."""
    parts, at = [], 0
    while at < len(days):
        worst = days[at].worst
        if worst in ("operational", ""):
            end = at
            while end < len(days) and days[end].worst == worst:
                end += 1
            parts.append(_run(at, end, worst))
            at = end
        else:
            parts.append(_bar(at, days[at]))
            at += 1
    width = max(STEP * len(days) - 1, 1)
    return SafeString(
        f'<svg viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'
    )


def words_for(day: Day) -> str:
    """Return what happened on a day: "Partial outage for 1 h 20 min, under maintenance for 30 min"."""
    if not day.worst:
        return _("No record yet")
    parts = [
        # Translators: a state of a component, and how long it lasted on that day.
        _("%(state)s for %(time)s") % {"state": STATUS[status].word, "time": body.span(seconds)}
        for status, seconds in (
            ("major_outage", day.major_s),
            ("partial_outage", day.partial_s),
            ("degraded_performance", day.degraded_s),
            ("under_maintenance", day.maintenance_s),
        )
        if seconds
    ]
    return ", ".join(parts) or _("No downtime")


def is_quiet(day: Day) -> bool:
    """Tell whether there is nothing to say of a day."""
    return day.worst in ("operational", "")


def _run(start: int, end: int, worst: str) -> str:
    fill = "none" if worst == "" else "ok"
    return (
        f'<rect x="{start * STEP}" y="{TOP[worst]}" width="{(end - start) * STEP - 1}" '
        f'height="{HEIGHT - TOP[worst]}" fill="url(#bars-{fill})"/>'
    )


def _bar(at: int, day: Day) -> str:
    top = TOP[day.worst]
    said = escape(f"{body.day(day.day)}: {words_for(day)}")
    return (
        f'<rect x="{at * STEP}" y="{top}" width="3" height="{HEIGHT - top}" rx="1" class="{STATUS[day.worst].tone}" '
        f'data-at="{at}"><title>{said}</title></rect>'
    )
