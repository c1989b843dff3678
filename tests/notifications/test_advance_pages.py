"""Pages advancing by time, with a moved clock: levels, rounds, targets, catch-up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.actor import Actor
from notifications.models import Delivery, EscalationPolicy, Page, PageRecheck, Urgency
from notifications.operations.advance_pages import advance_pages
from notifications.operations.start_page import PageRequest, start_pages
from notifications.queries import freeze, freeze_person
from people.models import Override
from tests.builders import (
    NOW,
    add_rule,
    make_method,
    make_page,
    make_person,
    make_policy,
    make_schedule,
    make_team,
    make_tier,
)
from tests.notifications.watching import advance, called, record, states, verbs

pytestmark = pytest.mark.django_db


def test_everybody_of_a_level_is_called_by_every_immediate_method() -> None:
    ada, vic = make_person("Ada"), make_person("Vic")
    page = make_page(make_policy((300, [ada, vic])))
    assert advance() == 1
    assert called(page) == [("Ada", "sms", 0), ("Ada", "voice", 0), ("Vic", "sms", 0), ("Vic", "voice", 0)]
    assert states(page) == {"Ada": "called", "Vic": "called"}
    assert verbs(page) == ["started", "called"]
    assert record(page)[1].payload == {
        "page": str(page.pk),
        "purpose": "person",
        "level": 1,
        "round": 1,
        "people": ["Ada", "Vic"],
        "person_ids": [str(ada.pk), str(vic.pk)],
        "channels": {"Ada": ["sms", "voice"], "Vic": ["sms", "voice"]},
        "late_ids": [],
    }


def test_the_next_level_is_called_after_exactly_its_minutes() -> None:
    otto, mia = make_person("Otto", methods=["sms"]), make_person("Mia", methods=["sms"])
    page = make_page(make_policy((300, [otto]), (300, [mia])))
    advance()
    assert advance(4.999) == 0
    assert advance(5) == 1
    assert called(page) == [("Otto", "sms", 0), ("Mia", "sms", 5)]
    assert states(page) == {"Otto": "late", "Mia": "called"}


def test_a_persons_rules_run_to_the_end_while_the_next_level_is_called() -> None:
    otto = make_person("Otto", methods=[])
    for channel, delay_s in (("sms", 0), ("voice", 120), ("email", 480)):
        add_rule(make_method(otto, channel), delay_s=delay_s)
    page = make_page(make_policy((300, [otto]), (600, [make_person("Mia", methods=["sms"])])))
    advance()
    advance(5)
    advance(6)
    assert called(page) == [("Otto", "sms", 0), ("Otto", "voice", 2), ("Mia", "sms", 5), ("Otto", "email", 8)]
    assert not Delivery.objects.filter(page=page).exclude(state="pending").exists()


def test_every_round_goes_through_all_levels_again() -> None:
    policy = make_policy(
        (300, [make_person("Otto", methods=["sms"])]), (300, [make_person("Mia", methods=["sms"])]), rounds=2
    )
    page = make_page(policy)
    for minutes in (0, 5, 10, 15):
        advance(minutes)
    assert called(page) == [("Otto", "sms", 0), ("Mia", "sms", 5), ("Otto", "sms", 10), ("Mia", "sms", 15)]
    page.refresh_from_db()
    assert (page.state, page.level, page.round) == ("paging", 2, 2)


@pytest.mark.parametrize("urgency", Urgency.values)
def test_rules_are_those_of_the_pages_urgency(urgency: str) -> None:
    otto = make_person("Otto", methods=[])
    add_rule(make_method(otto, "voice"), urgency=Urgency.HIGH)
    add_rule(make_method(otto, "email"), urgency=Urgency.LOW)
    page = make_page(make_policy((300, [otto])), urgency=urgency)
    advance()
    assert called(page) == [("Otto", "voice" if urgency == Urgency.HIGH else "email", 0)]


def test_schedules_teams_and_tiers_become_people_when_the_level_is_called() -> None:
    otto, olga = make_person("Otto", methods=["sms"]), make_person("Olga", methods=["sms"])
    schedule = make_schedule("Hosting", otto, olga)
    team = make_team("Support", make_person("Sue", methods=["sms"]), make_person("Mia", methods=["sms"], active=False))
    tier = make_tier("vp", make_person("Vic", methods=["sms"]))
    page = make_page(make_policy((300, [team]), (300, [schedule, tier])))
    advance()
    # Olga takes over after the page began, before its second level.
    Override.objects.create(
        schedule=schedule, person=olga, starts_at=NOW + timedelta(minutes=1), ends_at=NOW + timedelta(hours=1)
    )
    advance(5)
    assert called(page) == [("Sue", "sms", 0), ("Olga", "sms", 5), ("Vic", "sms", 5)]


def test_somebody_in_two_targets_of_a_level_gets_one_message() -> None:
    otto = make_person("Otto", methods=["sms"])
    page = make_page(make_policy((300, [otto, make_schedule("Hosting", otto), make_team("All", otto)])))
    advance()
    assert called(page) == [("Otto", "sms", 0)]


def test_an_edit_of_the_policy_changes_no_running_page() -> None:
    policy = make_policy(
        (300, [make_person("Otto", methods=["sms"])]), (300, [make_person("Mia", methods=["sms"])]), rounds=1
    )
    page = make_page(policy)
    advance()
    EscalationPolicy.objects.filter(pk=policy.pk).delete()
    advance(5)
    assert called(page) == [("Otto", "sms", 0), ("Mia", "sms", 5)]


def test_after_downtime_one_phone_gets_one_message_not_several() -> None:
    otto, mia = make_person("Otto", methods=["sms"]), make_person("Mia", methods=["sms"])
    page = make_page(make_policy((300, [otto]), (300, [otto, mia]), (300, [otto]), (300, [make_person("Max")])))
    advance(11)
    assert called(page) == [("Otto", "sms", 11), ("Mia", "sms", 11)]
    page.refresh_from_db()
    assert (page.level, page.round) == (3, 1)
    assert page.next_step_at == NOW + timedelta(minutes=16)


def test_the_floor_above_hears_of_every_move() -> None:
    page = make_page(make_person("Ada"), subject="incident:1042", purpose="muster:ceo")
    assert PageRecheck.objects.filter(subject="incident:1042").count() == 1
    advance()
    assert PageRecheck.objects.filter(subject="incident:1042").count() == 2
    assert verbs(page) == ["started", "called"]


def test_many_due_pages_do_not_starve_the_first_of_another_service() -> None:
    busy = freeze(make_policy((300, [make_person("Otto", methods=["sms"])])))
    with transaction.atomic():
        requests = [PageRequest(policy=busy, title=f"Disk {number} full") for number in range(300)]
        start_pages(requests, by=Actor.system(), now=NOW)
    other = make_page(make_policy((300, [make_person("Mia", methods=["sms"])])), now=NOW + timedelta(seconds=1))
    urgent = make_page(
        make_policy((300, [make_person("Ada", methods=["sms"])])), severity=1, now=NOW + timedelta(seconds=1)
    )
    assert advance(0.1) == 302
    assert called(other)[0][0] == "Mia"
    first = Delivery.objects.order_by("pk")[:100]
    assert urgent.pk in {delivery.page_id for delivery in first}


def test_a_batch_costs_no_more_statements_than_one_page() -> None:
    policies = [freeze_person(make_person(f"Person {number}", methods=["sms"])) for number in range(30)]
    statements = []
    for count in (1, 30):
        with transaction.atomic():
            requests = [PageRequest(policy=policy, title="Disk full") for policy in policies[:count]]
            start_pages(requests, by=Actor.system(), now=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert advance_pages(now=NOW) == count
        statements.append(len(queries))
    assert statements[0] == statements[1] <= 14


def test_acknowledged_and_ended_pages_are_left_alone() -> None:
    page = make_page(make_person("Ada"))
    Page.objects.filter(pk=page.pk).update(
        state="cancelled", cancel_reason="resolved", ended_at=NOW, next_step_at=NOW - timedelta(minutes=1)
    )
    assert advance() == 0
    assert called(page) == []
