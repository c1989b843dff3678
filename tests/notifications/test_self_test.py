"""The scheduled self-test: when it comes, whom it writes to, and what it makes of the receipts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from engine.duties import run_once
from ledger.queries import entries
from notifications.models import Attempt, Delivery, SelfTest, SelfTestRun, Urgency
from notifications.operations.change_self_test import change_self_test
from notifications.rules.self_test import WAITS_FOR, next_after, verdict
from people.models import Person, Schedule
from tests.builders import NOW, add_rule, by, make_method, make_person, make_schedule
from tests.notifications.carriers import Carrier, carriers_of

pytestmark = pytest.mark.django_db
MONDAY, SUNDAY = 0, 6


@pytest.mark.parametrize(
    ("moment", "at", "zone", "weekday", "comes"),
    [
        ("2026-11-22 03:00", "10:00", "UTC", None, "2026-11-22 10:00"),
        ("2026-11-22 10:00", "10:00", "UTC", None, "2026-11-23 10:00"),
        ("2026-11-22 03:00", "10:00", "UTC", MONDAY, "2026-11-23 10:00"),
        ("2026-11-22 23:30", "01:00", "Asia/Tokyo", MONDAY, "2026-11-29 16:00"),
        ("2026-03-28 12:00", "02:30", "Europe/Stockholm", SUNDAY, "2026-03-29 01:30"),
        ("2026-10-24 12:00", "02:30", "Europe/Stockholm", SUNDAY, "2026-10-25 00:30"),
        ("2026-10-25 00:30", "02:30", "Europe/Stockholm", None, "2026-10-26 01:30"),
        ("2026-03-27 12:00", "10:00", "Europe/Stockholm", None, "2026-03-28 09:00"),
        ("2026-03-28 12:00", "10:00", "Europe/Stockholm", None, "2026-03-29 08:00"),
    ],
)
def test_it_comes_at_a_local_time_also_when_clocks_change(
    moment: str, at: str, zone: str, weekday: int | None, comes: str
) -> None:
    found = next_after(
        datetime.fromisoformat(moment).replace(tzinfo=UTC), at=time.fromisoformat(at), time_zone=zone, weekday=weekday
    )
    assert found == datetime.fromisoformat(comes).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "results", "has_receipts", "is_over", "said"),
    [
        ("delivered", ["accepted", "delivered"], True, False, "arrived"),
        ("failed", ["accepted", "no-answer"], True, False, "rang"),
        ("failed", ["permanent"], True, False, "failed"),
        ("expired", [], True, False, "failed"),
        ("sent", ["accepted"], False, False, "taken"),
        ("sent", ["accepted"], True, False, "waiting"),
        ("sent", ["accepted"], True, True, "silent"),
        ("pending", ["temporary"], False, False, "waiting"),
        ("pending", ["temporary"], False, True, "silent"),
    ],
)
def test_what_became_of_a_message(state: str, results: list[str], has_receipts: bool, is_over: bool, said: str) -> None:
    assert verdict(state=state, results=results, has_receipts=has_receipts, is_over=is_over) == said


@pytest.fixture(autouse=True)
def texts() -> Iterator[None]:
    """Let texts go by one provider with receipts."""
    with carriers_of("sms", Carrier("sms", "texts")):
        yield


def switched_on(person: Person | None = None, *, schedule: Schedule | None = None) -> SelfTest:
    """Let the test come every day at 03:30."""
    with transaction.atomic():
        return change_self_test(
            person=person, schedule=schedule, weekday=None, at=time(3, 30), time_zone="UTC",
            by=by(make_person("Alma")), now=NOW,
        )  # fmt: skip


def look(minutes: float) -> SelfTestRun | None:
    """Let the engine look so long after the start; return the last test."""
    run_once("self_test", now=NOW + timedelta(minutes=minutes))
    return SelfTestRun.objects.first()


def test_it_writes_by_each_low_urgency_way_in_order_once_and_comes_again_the_next_day() -> None:
    otto = make_person("Otto", methods=[])
    text, mail, unused = (make_method(otto, channel) for channel in ("sms", "email", "voice"))
    add_rule(mail, urgency=Urgency.LOW)
    add_rule(text, urgency=Urgency.LOW, delay_s=300)
    add_rule(mail, urgency=Urgency.LOW, delay_s=600)
    add_rule(unused, urgency=Urgency.HIGH)
    switched_on(otto)
    assert look(29) is None
    run = look(30)
    assert run is not None
    assert look(30) == run, "once"
    sent = Delivery.objects.filter(pk__in=run.deliveries).order_by("pk")
    assert [(each.channel, each.kind, each.urgency) for each in sent] == [
        ("email", "test", "low"),
        ("sms", "test", "low"),
    ]
    assert SelfTest.objects.get().next_at == NOW + timedelta(days=1, minutes=30)


def test_receipts_pass_it() -> None:
    switched_on(make_person("Otto", methods=["sms"]))
    run = look(30)
    assert run is not None
    assert run.state == "running"
    Delivery.objects.filter(pk__in=run.deliveries).update(state="delivered", provider="texts")
    run = look(31)
    assert run is not None
    assert (run.state, run.sentence) == ("passed", "sms: arrived")
    assert [entry.verb for entry in entries("settings:delivery")][-2:] == ["self_test.begun", "self_test.passed"]
    assert not Delivery.objects.filter(kind="alarm").exists()


def test_a_receipt_that_never_comes_fails_it_and_alarms_the_administrators_once() -> None:
    switched_on(make_person("Otto", methods=["sms"]))
    run = look(30)
    assert run is not None
    (delivery,) = Delivery.objects.filter(pk__in=run.deliveries)
    Attempt.objects.create(delivery=delivery, at=NOW, provider="texts", result="accepted")
    Delivery.objects.filter(pk=delivery.pk).update(state="sent", provider="texts")
    waits = WAITS_FOR.total_seconds() / 60
    still = look(30 + waits - 1)
    assert still is not None
    assert still.state == "running"
    run = look(30 + waits)
    assert run is not None
    assert (run.state, run.sentence) == ("failed", "sms: no receipt came")
    (alarm, *others) = Delivery.objects.filter(kind="alarm", channel="sms")
    assert not others
    assert "no receipt came" in alarm.content["sentence"]


def test_whoever_is_on_call_then_is_written_to() -> None:
    olga = make_person("Olga", methods=["sms"])
    switched_on(schedule=make_schedule("Hosting", olga))
    run = look(30)
    assert run is not None
    assert run.person == olga


def test_nobody_on_call_and_no_way_fail_it_at_once() -> None:
    switched_on(schedule=make_schedule("Empty"))
    run = look(30)
    assert run is not None
    assert (run.state, run.sentence) == ("failed", "Nobody is on call for it.")
    switched_on(make_person("Otto", methods=[]))
    run = look(60 * 24 + 30)
    assert run is not None
    assert (run.state, run.sentence) == ("failed", "Otto can't be reached by anything.")


def test_the_page_says_that_it_is_off_and_an_administrator_switches_it_on_tries_it_and_off() -> None:
    browser, otto = Client(), make_person("Otto", methods=["sms"])
    browser.force_login(make_person("Alma"))
    page = reverse("delivery_health")
    assert "Switch the self-test on" in browser.get(page).content.decode()
    given = {"person": str(otto.pk), "weekday": "0", "at": "10:00", "time_zone": "UTC"}
    shown = browser.post(reverse("self_test_save"), given, follow=True).content.decode()
    assert "Real messages to Otto" in shown
    browser.post(reverse("self_test_now"))
    assert SelfTestRun.objects.get().person == otto
    again = browser.post(reverse("self_test_now"), headers={"referer": f"http://testserver{page}"}, follow=True)
    assert "One is running" in again.content.decode()
    browser.post(reverse("self_test_off"))
    assert not SelfTest.objects.exists()


def test_neither_or_both_of_person_and_schedule_is_refused() -> None:
    browser = Client()
    browser.force_login(make_person("Alma"))
    given = {"weekday": "0", "at": "10:00", "time_zone": "UTC"}
    browser.post(reverse("self_test_save"), given)
    assert not SelfTest.objects.exists()
