"""The one line over a page: Statuspage's indicator and words, from the states of its components."""

from __future__ import annotations

import pytest

from statuspage.rules.rollup import rollup

UP, WORK, SLOW, PART, DOWN = (
    "operational",
    "under_maintenance",
    "degraded_performance",
    "partial_outage",
    "major_outage",
)


@pytest.mark.parametrize(
    ("statuses", "indicator", "description"),
    [
        ([UP, UP], "none", "All Systems Operational"),
        ([UP, WORK], "maintenance", "Service Under Maintenance"),
        ([WORK, WORK], "maintenance", "Service Under Maintenance"),
        ([UP, WORK, SLOW], "minor", "Partially Degraded Service"),
        ([SLOW, SLOW], "minor", "Degraded System Service"),
        ([SLOW, UP, PART], "minor", "Minor Service Outage"),
        ([PART, PART], "major", "Partial System Outage"),
        ([UP, DOWN], "major", "Partial System Outage"),
        ([PART, DOWN], "major", "Partial System Outage"),
        ([DOWN], "critical", "Major System Outage"),
        ([DOWN, DOWN], "critical", "Major System Outage"),
    ],
)
def test_the_worst_that_is_said_of_the_components_shown(statuses: list[str], indicator: str, description: str) -> None:
    overall = rollup(statuses)
    assert (overall.indicator, overall.description) == (indicator, description)


@pytest.mark.parametrize(
    ("impacts", "indicator"),
    [([], "none"), (["none"], "none"), (["minor", "critical"], "critical"), (["major"], "major"), (["minor"], "minor")],
)
def test_a_page_without_components_follows_its_open_incidents(impacts: list[str], indicator: str) -> None:
    assert rollup([], impacts=impacts).indicator == indicator


def test_with_components_they_alone_decide() -> None:
    assert rollup([UP], impacts=["critical"]).indicator == "none"
