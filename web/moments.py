"""How a time reads: "4 min ago", "in 2 h", a running clock "1:02:05". Pure; times are aware, `now` is given.

The browser's `time.js` follows the same rule with the same words (`words`), so that a text the server wrote does not
jump when the script takes it over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

RELATIVE_FOR: Final = timedelta(days=7)
"""Farther away than this, a date says more than a number of days."""
JUST_NOW_S: Final = 10
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def words() -> dict[str, str]:
    """Return the patterns, in the active language, that the server and the browser both write with."""
    return {
        "now": _("just now"),
        "s_ago": _("{n} s ago"),
        "min_ago": _("{n} min ago"),
        "h_ago": _("{n} h ago"),
        "d_ago": _("{n} d ago"),
        "in_s": _("in {n} s"),
        "in_min": _("in {n} min"),
        "in_h": _("in {n} h"),
        "in_d": _("in {n} d"),
        "d_h": _("{d} d {h} h"),
        "late": _("{clock} late"),
    }


def _unit(seconds: int) -> tuple[int, str]:
    if seconds < _MINUTE:
        return seconds, "s"
    if seconds < _HOUR:
        return seconds // _MINUTE, "min"
    if seconds < _DAY:
        return seconds // _HOUR, "h"
    return seconds // _DAY, "d"


def relative(at: datetime, now: datetime) -> str | None:
    """Return "4 min ago" or "in 2 h", counting whole units only, or None when `RELATIVE_FOR` or more lies between."""
    between = at - now
    if abs(between) >= RELATIVE_FOR:
        return None
    seconds = int(abs(between).total_seconds())
    if seconds < JUST_NOW_S:
        return words()["now"]
    number, unit = _unit(seconds)
    pattern = words()[f"in_{unit}" if between > timedelta(0) else f"{unit}_ago"]
    return pattern.format(n=number)


def clock(length: timedelta) -> str:
    """Return a length as "2:05", "1:02:05" or "3 d 4 h"; a negative one counts as zero."""
    seconds = max(0, int(length.total_seconds()))
    if seconds >= _DAY:
        return words()["d_h"].format(d=seconds // _DAY, h=seconds % _DAY // _HOUR)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def countdown(until: datetime, now: datetime) -> tuple[str, bool]:
    """Return the clock text until a deadline and whether it has passed ("0:32 late")."""
    if until > now:
        return clock(until - now), False
    return words()["late"].format(clock=clock(now - until)), True
