"""`/on-call/` as a browser sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from engine import clock
from people.models import Override, Person, Rotation, RotationMember, Schedule
from people.turns import turn_now
from tests.builders import NOW, make_person, make_schedule

pytestmark = pytest.mark.django_db


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def weekly(*people: Person) -> Schedule:
    """Return a schedule of weekly turns, whose first person has it since this Monday by the database's clock."""
    schedule = make_schedule("Hosting")
    today = clock.now().date()
    rotation = Rotation.objects.create(
        schedule=schedule, handover_at="00:00", starts_on=today - timedelta(days=today.weekday())
    )
    for position, person in enumerate(people):
        RotationMember.objects.create(rotation=rotation, person=person, position=position)
    return schedule


def test_a_turn_has_an_end_and_somebody_after_it() -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    turn = turn_now(make_schedule("Hosting", otto, olga), now=NOW)
    assert (turn.people, turn.following) == ([otto], [olga])
    assert turn.until is not None
    assert turn.until.isoformat() == "2026-11-23T09:00:00+00:00"


def test_alone_there_is_no_end() -> None:
    otto = make_person("Otto")
    assert turn_now(make_schedule("Hosting", otto), now=NOW).until is None


def test_a_schedule_that_can_not_be_worked_out_is_a_gap() -> None:
    schedule = make_schedule("Hosting", make_person("Otto"))
    Schedule.objects.filter(pk=schedule.pk).update(time_zone="Mars/Base")
    schedule.refresh_from_db()
    assert turn_now(schedule, now=NOW).people == []
    assert "Nobody is on call" in as_(make_person("Ada")).get(reverse("on_call")).content.decode()


def test_somebody_takes_over_and_gives_back() -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    schedule = weekly(otto, olga)
    client = as_(olga)
    client.post(reverse("take_over", args=[schedule.pk]), {"length": "4"})
    override = Override.objects.get()
    assert (override.person, override.ends_at - override.starts_at) == (olga, timedelta(hours=4))
    page = client.get(reverse("on_call")).content.decode()
    assert "Give back" in page
    assert turn_now(schedule, now=clock.now()).people == [olga]
    client.post(reverse("override_remove", args=[schedule.pk, override.pk]))
    assert turn_now(schedule, now=clock.now()).people == [otto]


def test_taking_over_until_the_turn_ends() -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    schedule = weekly(otto, olga)
    until = turn_now(schedule, now=clock.now()).until
    as_(olga).post(reverse("take_over", args=[schedule.pk]), {"length": "turn"})
    assert Override.objects.get().ends_at == until


@pytest.mark.parametrize("length", ["", "0", "9999", "turn"])
def test_without_an_end_nobody_takes_over(length: str) -> None:
    schedule = make_schedule("Hosting", make_person("Otto"))
    assert (
        as_(make_person("Olga")).post(reverse("take_over", args=[schedule.pk]), {"length": length}).status_code == 422
    )
    assert not Override.objects.exists()


def test_an_observer_reads_but_takes_nothing_over() -> None:
    schedule = make_schedule("Hosting", make_person("Otto"))
    client = as_(make_person("Sam"))
    assert "Take over" not in client.get(reverse("on_call")).content.decode()
    assert client.post(reverse("take_over", args=[schedule.pk]), {"length": "4"}).status_code == 403


def test_without_schedules_the_screen_says_what_is_missing() -> None:
    assert "There is no schedule yet" in as_(make_person("Ada")).get(reverse("on_call")).content.decode()
