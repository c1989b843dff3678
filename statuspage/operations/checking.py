"""What is given for customers to read, checked once for all: texts, names, states, times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from statuspage.models import Component, ComponentStatus, PublicIncident, Server, Stage, StatusPage
from statuspage.rules.stages import may_follow
from web.errors import BadInput, IllegalMove

LONGEST_TEXT: Final = 10_000
LONGEST_NAME: Final = 200
FURTHEST: Final = timedelta(days=5 * 366)
"""Ahead. A time at the calendar's very end can't be told in every zone, and a slip of the keyboard is no plan."""
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing that customers are told of began before; the calendar's very begin can't be told in every zone either."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")
_BLANKS: Final = re.compile(r"\s+")


def one_line(text: str) -> str:
    """Return text fit for a heading and a mail's subject: one line without control characters."""
    return _CONTROL.sub("", _BLANKS.sub(" ", text)).strip()


def checked_texts(texts: Mapping[str, str], page: StatusPage) -> dict[str, str]:
    """Return the texts by language without empty ones; raise `BadInput` unless the page's own language is there."""
    found = {code: _CONTROL.sub("", text.replace("\r\n", "\n")).strip() for code, text in texts.items()}
    found = {code: text for code, text in found.items() if text}
    errors = _foreign(found, page, field="texts")
    if page.language not in found:
        errors["texts"] = f"Write what customers should read, in the page's own language ({page.language})."
    for code, text in found.items():
        if len(text) > LONGEST_TEXT:
            errors["texts"] = f"Keep the text ({code}) under {LONGEST_TEXT} characters."
    _refuse(errors)
    return found


def checked_name(name: str) -> str:
    """Return a public incident's name as one line; raise `BadInput` for one that is empty or too long."""
    name = one_line(name)
    if not name:
        _refuse({"name": "Give it a name that customers understand."})
    if len(name) > LONGEST_NAME:
        _refuse({"name": f"Keep the name under {LONGEST_NAME} characters; the text holds the rest."})
    return name


def checked_names(names: Mapping[str, str], page: StatusPage) -> dict[str, str]:
    """Return the names in other languages without empty ones; raise `BadInput`."""
    found = {code: one_line(name) for code, name in names.items()}
    found = {code: name for code, name in found.items() if name and code != page.language}
    errors = _foreign(found, page, field="names")
    if any(len(name) > LONGEST_NAME for name in found.values()):
        errors["names"] = f"Keep each name under {LONGEST_NAME} characters."
    _refuse(errors)
    return found


def checked_components(components: Mapping[str, str], page: StatusPage) -> dict[str, str]:
    """Return component ids and states; raise `BadInput` for what is not of this page or no state."""
    known = set(Component.objects.filter(page=page, archived_at=None).values_list("pk", flat=True))
    errors = {}
    if set(components) - known:
        errors["components"] = "Choose components of this page."
    elif set(components.values()) - set(ComponentStatus.values):
        errors["components"] = f"A component is one of: {', '.join(ComponentStatus.values)}."
    _refuse(errors)
    return {component: str(status) for component, status in components.items()}


def checked_servers(servers: Iterable[int], page: StatusPage) -> list[int]:
    """Return server ids, each once; raise `BadInput` for one that is not of this page."""
    wanted = sorted(set(servers))
    if Server.objects.filter(page=page, archived_at=None, pk__in=wanted).count() != len(wanted):
        _refuse({"servers": "Choose servers of this page."})
    return wanted


def check_stage(stage: str, public: PublicIncident) -> None:
    """Raise `BadInput` for no stage at all, and `IllegalMove` for one that can't come now."""
    if stage not in Stage.values:
        _refuse({"stage": f"Choose one of {', '.join(Stage.values)}."})
    maintenance = public.kind == PublicIncident.Kind.MAINTENANCE
    published = public.published_at is not None
    if not may_follow(stage=stage, current=public.status, published=published, maintenance=maintenance):
        now_is = f"It is {Stage(public.status).label.lower()}" if published else "Nothing of it is published yet"
        raise IllegalMove(f"{now_is}, so it can't become {str(Stage(stage).label).lower()}.")


def check_times(scheduled_for: datetime, scheduled_until: datetime, *, now: datetime) -> None:
    """Raise `BadInput` for a maintenance that ends before it begins or lies in the past."""
    if scheduled_until <= scheduled_for:
        _refuse({"scheduled_until": "It has to end after it begins."})
    if scheduled_until <= now:
        _refuse({"scheduled_until": "This time is over already; choose one to come."})
    if scheduled_until > now + FURTHEST:
        _refuse({"scheduled_until": "Plan for the next five years."})
    if scheduled_for < EARLIEST:
        _refuse({"scheduled_for": f"Choose a time after the year {EARLIEST.year}."})


def check_promise(next_update_at: datetime | None, *, now: datetime) -> None:
    """Raise `BadInput` for a promise that is broken as it is made."""
    if next_update_at is not None and next_update_at <= now:
        _refuse({"next_update_at": "Promise the next update for a time to come."})
    if next_update_at is not None and next_update_at > now + FURTHEST:
        _refuse({"next_update_at": "Nobody waits that long; promise an earlier time."})


def _foreign(found: Mapping[str, str], page: StatusPage, *, field: str) -> dict[str, str]:
    strange = sorted(set(found) - {page.language, *page.languages})
    return {field: f"This page is not offered in {', '.join(strange)}."} if strange else {}


def _refuse(errors: Mapping[str, str]) -> None:
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
