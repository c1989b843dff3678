"""Which status may follow which, as a table; every pair is decided."""

from __future__ import annotations

import pytest

from incidents.models import Incident
from incidents.rules.lifecycle import MOVES, check_merge, check_move, check_open, reopened
from web.errors import IllegalMove

ALL = ("triage", "investigating", "identified", "monitoring", "resolved", "closed", "declined", "merged")
ALLOWED = {
    "triage": "investigating identified monitoring resolved declined merged",
    "investigating": "identified monitoring resolved merged",
    "identified": "investigating monitoring resolved merged",
    "monitoring": "investigating identified resolved merged",
    "resolved": "closed",
    "closed": "",
    "declined": "",
    "merged": "",
}
PAIRS = [(now, to) for now in ALL for to in ALL if now != to]


def test_the_table_knows_every_status_that_is_stored() -> None:
    assert set(MOVES) == set(Incident.Status.values) == set(ALL)


@pytest.mark.parametrize(("now", "to"), PAIRS)
def test_each_move_is_allowed_or_refused_with_a_sentence(now: str, to: str) -> None:
    if to in ALLOWED[now].split():
        check_move(now=now, to=to)
        return
    with pytest.raises(IllegalMove) as refused:
        check_move(now=now, to=to)
    assert refused.value.sentence.endswith(".")


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(IllegalMove, match="no status 'fixed'"):
        check_move(now="triage", to="fixed")


@pytest.mark.parametrize(
    ("now", "to"), [("resolved", "investigating"), ("closed", "investigating"), ("declined", "triage")]
)
def test_ended_incidents_reopen_to_work(now: str, to: str) -> None:
    assert reopened(now=now) == to


@pytest.mark.parametrize(("now", "sentence"), [("merged", "merged into another"), ("triage", "open already")])
def test_merged_and_open_ones_do_not_reopen(now: str, sentence: str) -> None:
    with pytest.raises(IllegalMove, match=sentence):
        reopened(now=now)


@pytest.mark.parametrize("status", ["resolved", "closed", "declined", "merged"])
def test_what_needs_an_open_incident_is_refused_on_an_ended_one(status: str) -> None:
    with pytest.raises(IllegalMove, match="you can't call people to it"):
        check_open(status, doing="call people to it")


@pytest.mark.parametrize("status", Incident.OPEN)
def test_what_needs_an_open_incident_is_allowed_on_one(status: str) -> None:
    check_open(status, doing="anything")


def test_an_incident_is_not_merged_into_itself() -> None:
    with pytest.raises(IllegalMove, match="into itself"):
        check_merge(child="a", into="a", into_status="triage", into_number=1001)


def test_an_incident_is_not_merged_into_one_that_ended() -> None:
    with pytest.raises(IllegalMove, match="Incident 1001 is merged"):
        check_merge(child="a", into="b", into_status="merged", into_number=1001)
