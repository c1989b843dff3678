"""Whom a caller's call rings: one level after the other, no more at once than the carrier can."""

from __future__ import annotations

import pytest

from ledger.queries import entries
from notifications.models import ContactMethod
from rooms.calls.operations.receive import choose, receive
from rooms.calls.operations.ring import MOST_AT_ONCE, ring_next
from rooms.models import CallLine, LiveCall
from tests.builders import NOW, make_person, make_policy
from tests.incidents.builders import make_service

pytestmark = pytest.mark.django_db


def call_about(*levels: int) -> LiveCall:
    """Return a call about a service whose policy has levels of so many people."""
    service = make_service("mail")
    people = iter(make_person(f"Nr {number}", methods=["voice"]) for number in range(sum(levels)))
    service.policy = make_policy(*((300, [next(people) for _ in range(many)]) for many in levels))
    service.save()
    line = CallLine.objects.create(number="+12065550180", name="Harbor emergencies", severity=2)
    call = receive(line=line, call="CA1", caller="+46701112233", now=NOW)
    return choose(call=call, service=service, now=NOW)


def test_of_a_large_level_as_many_ring_as_the_carrier_dials_and_only_they_are_named() -> None:
    call = call_about(MOST_AT_ONCE + 2, 1)
    rung = [each.person.name for each in ring_next(call=call, after=0, now=NOW)]
    assert len(rung) == MOST_AT_ONCE
    assert entries(call.subject)[-1].payload["people"] == rung
    assert [each.person.name for each in ring_next(call=call, after=0, now=NOW)] == rung, "asked again, the same"
    assert len(ring_next(call=call, after=1, now=NOW)) == 1
    assert ring_next(call=call, after=2, now=NOW) == []


def test_a_level_that_nobody_can_be_called_at_is_said_and_passed_over() -> None:
    call = call_about(1, 1)
    ContactMethod.objects.filter(person__name="Nr 0").update(disabled_at=NOW)
    (rung,) = ring_next(call=call, after=0, now=NOW)
    assert [entry.payload.get("people") for entry in entries(call.subject)[-2:]] == [[], [rung.person.name]]
