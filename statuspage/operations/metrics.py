"""Figures that a page shows as charts: name them, push their points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from ledger.actor import Actor
from statuspage.models import Metric, StatusPage
from statuspage.operations.checking import one_line
from statuspage.operations.recording import record_page
from web.errors import BadInput, NotFound

MOST_POINTS: Final = 5_000
"""In one call: more than a day of one each 20 s."""
LARGEST: Final = 1e15
"""Either side of zero. The database squares what it means over, and one value it can't square would stop every page."""
FUTURE: Final = timedelta(minutes=5)
"""How far a pushing host's clock may be ahead."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A value at a moment."""

    at: datetime
    value: float


def save_metric(
    *,
    page: StatusPage,
    name: str,
    by: Actor,
    now: datetime,
    unit: str = "",
    decimals: int = 0,
    metric: Metric | None = None,
) -> Metric:
    """Create a metric, or change how one is shown. Raises `BadInput`."""
    errors = {}
    if not one_line(name) or len(one_line(name)) > 100:
        errors["name"] = "Give the figure a name of up to 100 characters."
    elif Metric.objects.filter(page=page, name=one_line(name)).exclude(pk=metric.pk if metric else "").exists():
        errors["name"] = "The page has a figure of this name already."
    if len(one_line(unit)) > 20:
        errors["unit"] = "Keep the unit under 20 characters."
    if not 0 <= decimals <= 6:
        errors["decimals"] = "Show 0 to 6 decimals."
    _refuse(errors)
    row = _locked(metric) if metric else Metric(page=page, created_at=now, position=page.metrics.count() + 1)
    row.name, row.unit, row.decimals = one_line(name), one_line(unit), decimals
    row.save()
    verb = "status.metric_changed" if metric else "status.metric_added"
    record_page(page, verb, by=by, now=now, payload={"metric": row.pk, "name": row.name, "unit": row.unit})
    return row


def remove_metric(*, metric: Metric, by: Actor, now: datetime) -> None:
    """Take a figure and its points away."""
    row = _locked(metric)
    page, payload = row.page, {"metric": row.pk, "name": row.name}
    row.delete()
    record_page(page, "status.metric_removed", by=by, now=now, payload=payload)


def push_points(*, metric: Metric, points: Sequence[Point], now: datetime) -> int:
    """Store values by second, a later one for the same second in place of the first; return how many seconds.

    Measurements are their own record and not in the ledger, and they are drawn at the next regular publication: a
    figure pushed each second must not publish the page each second. Raises `BadInput`.
    """
    errors = {}
    if len(points) > MOST_POINTS:
        errors["points"] = f"Push {MOST_POINTS} points at a time at most."
    elif any(not math.isfinite(point.value) for point in points):
        errors["points"] = "A value has to be a finite number."
    elif any(abs(point.value) > LARGEST for point in points):
        errors["points"] = f"A value lies between -{LARGEST:.0e} and {LARGEST:.0e}; choose a larger unit."
    elif any(point.at > now + FUTURE for point in points):
        errors["points"] = "A point lies in the future; check the clock of what pushes it."
    _refuse(errors)
    by_second = {point.at.replace(microsecond=0): point.value for point in points}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO statuspage_metricpoint (metric_id, at, value)"
            " SELECT %s, p.at, p.value FROM unnest(%s::timestamptz[], %s::float8[]) AS p (at, value)"
            " ON CONFLICT (metric_id, at) DO UPDATE SET value = excluded.value",
            [metric.pk, list(by_second), list(by_second.values())],
        )
    return len(by_second)


def _locked(metric: Metric) -> Metric:
    rows = Metric.objects.select_for_update(no_key=True, of=("self",)).select_related("page")
    found = rows.filter(pk=metric.pk).first()
    if found is None:
        raise NotFound("There is no such figure.")
    return found


def _refuse(errors: Mapping[str, str]) -> None:
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
