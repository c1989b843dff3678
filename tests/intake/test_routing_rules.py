"""Tables for routing conditions and the storm's window."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from intake.rules.routing import faults, first_match, holds
from intake.rules.storm import Window, is_storm, next_window

FACTS: dict[str, Any] = {
    "source": "web-17",
    "service": "databases",
    "severity": "error",
    "summary": "Database read from outside",
    "integration": "Prometheus",
    "fields": {"labels": {"team": "Storage", "severity": "page"}, "custom_details": {"count": 7}},
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "severity", "is": "equals", "value": "error"}, True),
        ({"field": "severity", "value": "ERROR"}, True),
        ({"field": "severity", "is": "at_least", "value": "warning"}, True),
        ({"field": "severity", "is": "at_least", "value": "critical"}, False),
        ({"field": "service", "is": "one_of", "value": ["dns", "databases"]}, True),
        ({"field": "service", "is": "one_of", "value": "databases"}, False),
        ({"field": "summary", "is": "contains", "value": "read FROM"}, True),
        ({"field": "source", "is": "starts_with", "value": "web-"}, True),
        ({"field": "source", "is": "matches", "value": r"^web-\d+$"}, True),
        ({"field": "source", "is": "matches", "value": r"^db"}, False),
        ({"field": "labels.team", "is": "equals", "value": "storage"}, True),
        ({"field": "fields.labels.team", "is": "equals", "value": "storage"}, True),
        ({"field": "custom_details.count", "is": "equals", "value": "7"}, True),
        ({"field": "labels.absent", "is": "equals", "value": ""}, False),
        ({"field": "labels.absent", "is": "not_equals", "value": "x"}, True),
        ({"field": "severity", "is": "not_equals", "value": "error"}, False),
        ({"field": "severity", "is": "guess", "value": "error"}, False),
    ],
)
def test_conditions(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition, FACTS) is expected


@dataclass
class Rule:
    name: str
    conditions: list[dict[str, Any]] = field(default_factory=list)


def test_the_first_rule_that_holds_wins() -> None:
    rules = [
        Rule("dns", [{"field": "service", "value": "dns"}]),
        Rule("databases", [{"field": "service", "value": "databases"}, {"field": "severity", "value": "error"}]),
        Rule("everything"),
    ]
    found = first_match(rules, FACTS)
    assert found is not None
    assert found.name == "databases"
    assert first_match(rules[:1], FACTS) is None


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        ({}, "needs a field"),
        ({"field": "source", "is": "sounds_like", "value": "x"}, "not a comparison"),
        ({"field": "source", "is": "matches", "value": "("}, "can't be read"),
        ({"field": "source", "is": "one_of", "value": "x"}, "list"),
        ({"field": "severity", "is": "at_least", "value": "awful"}, "severities"),
    ],
)
def test_faulty_conditions_are_named(condition: dict[str, Any], fault: str) -> None:
    assert fault in faults(condition)[0]
    assert faults({"field": "source", "is": "equals", "value": "x"}) == []


def test_more_than_the_limit_within_the_window_is_a_storm() -> None:
    now = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
    window: Window | None = None
    verdicts = []
    for second in range(5):
        window = next_window(window, now=now + timedelta(seconds=second), seconds=60, in_storm=False)
        verdicts.append(is_storm(window, limit=3))
    assert verdicts == [False, False, False, True, True]


def test_a_window_ends_and_a_storm_slides_on_until_quiet() -> None:
    now = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
    assert next_window(Window(now, 3), now=now + timedelta(seconds=60), seconds=60, in_storm=False).count == 1
    slid = next_window(Window(now, 9), now=now + timedelta(seconds=59), seconds=60, in_storm=True)
    assert slid == Window(now + timedelta(seconds=59), 10)
    assert next_window(slid, now=slid.started_at + timedelta(seconds=60), seconds=60, in_storm=True).count == 1
    assert not is_storm(Window(now, 99), limit=0)
