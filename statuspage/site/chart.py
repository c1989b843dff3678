"""A metric's last day as a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from statuspage.site.pieces import Metric, Point

WIDTH: Final = 600
HEIGHT: Final = 120
HEADROOM: Final = 8
GAP: Final = timedelta(minutes=15)
MISSED: Final = 3
"""Where nothing came for so long, and for three times the usual, the line breaks: what nobody measured isn't drawn."""


@dataclass(frozen=True)
class Chart:
    """A drawing with the words around it."""

    name: str
    now: str
    since: datetime
    until: datetime
    summary: str
    drawing: SafeString


def charts(metrics: tuple[Metric, ...]) -> list[Chart]:
    """Return the charts of those metrics that have points."""
    return [_chart(metric) for metric in metrics if metric.points]


def _chart(metric: Metric) -> Chart:
    values = [point.value for point in metric.points]
    low, high, mean = (_told(metric, value) for value in (min(values), max(values), sum(values) / len(values)))
    summary = _("Lowest %(low)s, mean %(mean)s, highest %(high)s") % {"low": low, "mean": mean, "high": high}
    return Chart(
        name=metric.name,
        now=_told(metric, values[-1]),
        since=metric.points[0].at,
        until=metric.points[-1].at,
        summary=summary,
        drawing=_drawing(metric, f"{metric.name}: {summary}"),
    )


def _told(metric: Metric, value: float) -> str:
    return f"{number_format(value, decimal_pos=metric.decimals, use_l10n=True)} {metric.unit}".strip()


def _drawing(metric: Metric, label: str) -> SafeString:
    points = metric.points
    start, length = points[0].at, max((points[-1].at - points[0].at).total_seconds(), 1.0)
    values = [0.0, *(point.value for point in points)]
    top, bottom = max(values), min(values)
    scale = (HEIGHT - HEADROOM) / ((top - bottom) or 1.0)
    lines, areas = [], []
    for run in _runs(points):
        places = [
            (
                (point.at - start).total_seconds() / length * WIDTH,
                HEIGHT - (point.value - bottom) * scale,
            )
            for point in run
        ]
        path = " ".join(f"{x:.1f} {y:.1f}" for x, y in places)
        lines.append(f"M{path}" if len(places) > 1 else f"M{path}h.01")  # a point alone is a dot
        areas.append(f"M{places[0][0]:.1f} {HEIGHT}L{path}L{places[-1][0]:.1f} {HEIGHT}z")
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="area" d="{}"/><path class="line" d="{}"/></svg>',
        *(WIDTH, HEIGHT, label, "".join(areas), "".join(lines)),
    )


def _runs(points: tuple[Point, ...]) -> list[list[Point]]:
    runs = [[points[0]]]
    pauses = sorted(point.at - before.at for before, point in pairwise(points))
    gap = max(GAP, MISSED * pauses[len(pauses) // 2]) if pauses else GAP
    for before, point in pairwise(points):
        if point.at - before.at > gap:
            runs.append([])
        runs[-1].append(point)
    return runs
