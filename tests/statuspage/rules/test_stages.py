"""Which word may follow which, what each says of the components, and what a maintenance is due for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from statuspage.models import INCIDENT_STAGES, MAINTENANCE_STAGES, Stage
from statuspage.rules.schedule import Due, Plan, due
from statuspage.rules.stages import FOLLOWING, implied_statuses, may_follow

START: Final = datetime(2026, 11, 22, 3, tzinfo=UTC)


def test_every_stage_leads_somewhere_and_never_from_one_kind_to_the_other() -> None:
    assert set(FOLLOWING) == set(Stage.values)
    for stage, following in FOLLOWING.items():
        kind = INCIDENT_STAGES if stage in INCIDENT_STAGES else MAINTENANCE_STAGES
        assert following
        assert set(following) <= set(kind)


@pytest.mark.parametrize(
    ("stage", "current", "published", "maintenance", "allowed"),
    [
        ("investigating", "investigating", False, False, True),
        ("resolved", "investigating", False, False, True),
        ("postmortem", "investigating", False, False, False),
        ("postmortem", "resolved", True, False, True),
        ("investigating", "resolved", True, False, True),
        ("investigating", "postmortem", True, False, False),
        ("scheduled", "scheduled", False, True, True),
        ("completed", "scheduled", False, True, False),
        ("completed", "scheduled", True, True, True),
        ("in_progress", "completed", True, True, False),
        ("investigating", "scheduled", True, True, False),
    ],
)
def test_which_may_come(stage: str, current: str, published: bool, maintenance: bool, allowed: bool) -> None:
    assert may_follow(stage=stage, current=current, published=published, maintenance=maintenance) is allowed


@pytest.mark.parametrize(
    ("stage", "before", "planned", "implied"),
    [
        ("resolved", "monitoring", False, {"a": "operational"}),
        ("identified", "monitoring", False, {}),
        ("resolved", "resolved", False, {}),
        ("postmortem", "resolved", False, {}),
        ("completed", "completed", True, {}),
        ("in_progress", "scheduled", True, {"a": "major_outage", "b": "operational"}),
        ("verifying", "scheduled", True, {"a": "major_outage", "b": "operational"}),
        ("verifying", "in_progress", True, {}),
        ("completed", "in_progress", True, {"a": "operational"}),
        ("completed", "scheduled", True, {}),
        ("scheduled", "", True, {}),
    ],
)
def test_what_a_stage_says_of_components_it_does_not_name(
    stage: str, before: str, planned: bool, implied: dict[str, str]
) -> None:
    affected = {"a": "major_outage", "b": "operational"}
    assert implied_statuses(stage=stage, before=before, affected=affected, planned=planned) == implied


def plan(**fields: Any) -> Plan:
    given: dict[str, Any] = {
        "status": "scheduled",
        "published_at": START - timedelta(days=2),
        "scheduled_for": START,
        "scheduled_until": START + timedelta(hours=1),
        "auto_start": True,
        "auto_end": True,
        "remind_before_s": 3600,
        "reminded_at": None,
    }
    return Plan(**{**given, **fields})


@pytest.mark.parametrize(
    ("fields", "minutes", "expected"),
    [
        ({}, -61, None),
        ({}, -60, Due.REMIND),
        ({"reminded_at": START}, -60, None),
        ({"remind_before_s": None}, -60, None),
        ({"published_at": START - timedelta(minutes=60)}, -30, None),
        ({"published_at": START - timedelta(minutes=61)}, -30, Due.REMIND),
        ({}, 0, Due.START),
        ({"auto_start": False}, 0, None),
        ({}, 600, Due.START),
        ({"status": "in_progress"}, 59, None),
        ({"status": "in_progress"}, 60, Due.END),
        ({"status": "verifying"}, 60, Due.END),
        ({"status": "in_progress", "auto_end": False}, 60, None),
        ({"status": "completed"}, 60, None),
    ],
)
def test_what_a_maintenance_is_due_for(fields: dict[str, Any], minutes: int, expected: Due | None) -> None:
    found = due(plan(**fields), START + timedelta(minutes=minutes))
    assert (found[0] if found else None) is expected
