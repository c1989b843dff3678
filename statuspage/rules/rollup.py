"""How the whole page is told in one line: Statuspage's indicator and its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Overall:
    """`indicator` is none, minor, major, critical or maintenance; `description` is Statuspage's English sentence."""

    indicator: str
    description: str


WELL: Final = Overall("none", "All Systems Operational")
BY_IMPACT: Final = {
    "minor": Overall("minor", "Minor Service Outage"),
    "major": Overall("major", "Partial System Outage"),
    "critical": Overall("critical", "Major System Outage"),
}
ORDER: Final = (
    ("major_outage", True, Overall("critical", "Major System Outage")),
    ("major_outage", False, Overall("major", "Partial System Outage")),
    ("partial_outage", True, Overall("major", "Partial System Outage")),
    ("partial_outage", False, Overall("minor", "Minor Service Outage")),
    ("degraded_performance", True, Overall("minor", "Degraded System Service")),
    ("degraded_performance", False, Overall("minor", "Partially Degraded Service")),
    ("under_maintenance", False, Overall("maintenance", "Service Under Maintenance")),
)
"""A state, whether every component must be in it, and what is then said; the first that holds."""


def rollup(statuses: Sequence[str], *, impacts: Sequence[str] = ()) -> Overall:
    """Return how things stand overall, from the states of the components that the page shows.

    All in major outage: Major System Outage; any in major outage or all in partial outage: Partial System Outage; any
    in partial outage: Minor Service Outage; all degraded: Degraded System Service; any degraded: Partially Degraded
    Service; any under maintenance: Service Under Maintenance (Atlassian's "top-level status" help page; the rule as
    Freshstatus spells it out). A page without components follows the worst of its open incidents' `impacts`.
    """
    found = set(statuses)
    if not found:
        return max((BY_IMPACT[each] for each in impacts if each in BY_IMPACT), key=_weight, default=WELL)
    all_alike = len(found) == 1
    return next((overall for status, alone, overall in ORDER if status in found and (all_alike or not alone)), WELL)


def _weight(overall: Overall) -> int:
    return ("minor", "major", "critical").index(overall.indicator)
