"""A metric's line: unbroken at its own pace, broken where measurements are missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from statuspage.site.chart import charts
from statuspage.site.pieces import Metric, Point
from tests.builders import NOW


def drawn(minutes: Sequence[int]) -> str:
    points = tuple(Point(at=NOW + timedelta(minutes=minute), value=5.0) for minute in minutes)
    (chart,) = charts((Metric(id="m", name="Answer time", unit="ms", decimals=0, points=points),))
    return str(chart.drawing).partition('class="line"')[2]


@pytest.mark.parametrize(
    ("minutes", "lines"),
    [
        (range(0, 60, 1), 1),
        (range(0, 1440, 60), 1),
        ([0, 1, 2, 40, 41, 42], 2),
        ([0, 60, 120, 500, 560, 620], 2),
        ([0], 1),
    ],
)
def test_the_line_breaks_where_measurements_are_missing(minutes: Sequence[int], lines: int) -> None:
    assert drawn(minutes).count("M") == lines
