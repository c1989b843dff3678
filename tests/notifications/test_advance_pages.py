"""Pages advancing by time, on a real database with a moved clock: levels, rounds, catch-up, trouble, the last shout."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from engine import duties
from ledger.queries import entries
from notifications.models import Alarm, Delivery, Page, PageRecheck, Responder, Urgency
from notifications.operations.acknowledge import acknowledge
from notifications.rules.frozen_policy import FrozenPolicy, people_level
from people.models import Person
from tests.builders import (
    NOW,
    add_rule,
    by,
    freeze_levels,
    make_method,
    make_page,
    make_person,
    make_policy,
    make_schedule,
    make_team,
    make_tier,
)

pytestmark = pytest.mark.django_db


def advance(minutes: float = 0) -> int:
    """Let the engine look at pages, so many minutes after the start."""
    return duties.run_once("pages", now=NOW + timedelta(minutes=minutes))


def called(page: Page) -> list[tuple[str, str, int]]:
    """Return every message written for a page as (name, channel, minute it is due), in order."""
    return [
        (d.person.name, d.channel, round((d.not_before - NOW).total_seconds() / 60))
        for d in Delivery.objects.filter(page=page).select_related("person").order_by("not_before", "pk")
    ]


def states(page: Page) -> dict[str, str]:
    return {r.person.name: r.state for r in Responder.objects.filter(page=page).select_related("person")}


def verbs(page: Page) -> list[str]:
    return [entry.verb for entry in entries(page.subject or f"page:{page.pk}")]


def test_everybody_of_a_level_is_called_by_every_immediate_method() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    page = make_page(make_policy((300, [ada, vic])))
    assert advance() == 1
    assert called(page) == [("Ada", "sms", 0), ("Ada", "voice", 0), ("Vic", "sms", 0), ("Vic", "voice", 0)]
    assert states(page) == {"Ada": "called", "Vic": "called"}
    assert verbs(page) == ["page.started", "page.called"]


def test_the_next_level_is_called_after_exactly_its_minutes() -> None:
    page = make_page(
        make_policy((300, [make_person("Otto", methods=["sms"])]), (300, [make_person("Mia", methods=["sms"])]))
    )
    advance()
    assert duties.run_once("pages", now=NOW + timedelta(seconds=299.9)) == 0
    assert duties.run_once("pages", now=NOW + timedelta(seconds=300)) == 1
    assert called(page) == [("Otto", "sms", 0), ("Mia", "sms", 5)]
    assert states(page) == {"Otto": "late", "Mia": "called"}
