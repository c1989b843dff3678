"""Muster in trouble: administrators are alarmed, with the database and without it."""

from __future__ import annotations

import json
import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from engine import database_watch, duties, watch
from notifications import delivery_duties, emergency
from notifications.models import ContactMethod, Delivery
from notifications.operations.alarm_administrators import alarm_administrators
from notifications.operations.send_delivery import send_delivery
from tests.builders import NOW, make_person
from tests.phones import Phones


@pytest.mark.django_db
def test_every_administrator_is_told_by_every_method_once_in_ten_minutes() -> None:
    make_person("Alma", methods=["sms", "voice", "email"])
    make_person("Ada", methods=["sms"])
    ring = {"cause": "duty:pages", "sentence": "The engine's duty pages is 40 s late."}
    assert alarm_administrators(**ring, now=NOW) == 3
    assert alarm_administrators(**ring, now=NOW + timedelta(minutes=9, seconds=59)) == 0
    assert alarm_administrators(cause="other", sentence="Another one.", now=NOW) == 3
    assert alarm_administrators(**ring, now=NOW + timedelta(minutes=10)) == 3
    assert {delivery.content["sentence"] for delivery in Delivery.objects.all()} == {ring["sentence"], "Another one."}
    assert set(Delivery.objects.values_list("kind", "person__name")) == {("alarm", "Alma")}


@pytest.mark.django_db(transaction=True)
def test_of_two_processes_that_find_the_same_trouble_one_rings() -> None:
    make_person("Alma", methods=["sms"])
    begin = threading.Barrier(4)

    def ring() -> None:
        begin.wait()
        alarm_administrators(cause="same", sentence="Something is wrong.", now=NOW)
        connection.close()

    threads = [threading.Thread(target=ring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Delivery.objects.count() == 1


def test_an_alarm_arrives_by_call_text_and_mail(phones: Phones) -> None:
    make_person("Alma", methods=["sms", "voice", "email"])
    alarm_administrators(cause="x", sentence="The engine's duty pages is 40 s late.", now=NOW)
    for delivery in Delivery.objects.all():
        send_delivery(delivery.pk, now=NOW)
    (text,), (mail,), (call,) = (phones.wait_for(kind) for kind in ("messages", "mail", "calls"))
    assert "duty pages is 40 s late" in text["text"]
    assert "duty pages is 40 s late" in mail["text"]
    assert "duty pages is 40 s late" in phones.pick_up(call)


@pytest.fixture
def contacts_file(settings: Any, tmp_path: Path) -> Path:
    """A place for the contacts of this test."""
    settings.EMERGENCY_CONTACTS_FILE = tmp_path / "var" / "contacts.json"
    return tmp_path / "var" / "contacts.json"


@pytest.mark.django_db
def test_contacts_are_kept_in_a_private_file_and_follow_changes(contacts_file: Path) -> None:
    alma = make_person("Alma", methods=["sms", "email", "webhook"])
    make_person("Ada")
    assert duties.run_once("emergency_contacts", now=NOW) == 0
    assert stat.S_IMODE(contacts_file.stat().st_mode) == 0o600
    assert [(each["name"], each["channel"]) for each in json.loads(contacts_file.read_text())] == [
        ("Alma", "sms"),
        ("Alma", "email"),
    ], "a webhook's secret stays in the database"
    assert not emergency.write_contacts()
    ContactMethod.objects.filter(person=alma, channel="sms").update(disabled_at=NOW)
    assert emergency.write_contacts()
    assert [each.channel for each in emergency.read_contacts()] == ["email"]
    assert list(contacts_file.parent.iterdir()) == [contacts_file]


def test_without_the_database_the_providers_are_called_directly(phones: Phones, contacts_file: Path) -> None:
    alma = make_person("Alma", methods=["sms", "voice", "email"])
    assert emergency.write_contacts()
    with connection.execute_wrapper(_no_database):
        assert emergency.alarm("The database cannot be reached for 61 s.") == 3
    (call,) = phones.wait_for("calls", to=alma.contact_methods.get(channel="voice").address)
    assert "database cannot be reached" in phones.pick_up(call)
    assert "database cannot be reached" in phones.wait_for("messages")[0]["text"]
    assert "database cannot be reached" in phones.wait_for("mail")[0]["text"]


def _no_database(*_arguments: object) -> None:
    raise AssertionError("The database is gone.")


def test_one_provider_in_trouble_keeps_nobody_from_the_others(
    phones: Phones, contacts_file: Path, settings: Any
) -> None:
    make_person("Alma", methods=["sms", "email"])
    emergency.write_contacts()
    settings.TWILIO_API_URL = "http://127.0.0.1:9"
    assert emergency.alarm("The database is gone.") == 1
    assert phones.wait_for("mail")


def test_a_missing_or_broken_file_is_survived(contacts_file: Path) -> None:
    assert emergency.alarm("Nobody can be told.") == 0
    contacts_file.parent.mkdir()
    contacts_file.write_text("[{")
    assert emergency.alarm("Nobody can be told.") == 0
    contacts_file.write_text('[{"name": "Alma"}]')
    assert emergency.alarm("Nobody can be told.") == 0


@pytest.mark.django_db
def test_an_overdue_delivery_and_a_late_duty_reach_the_administrators() -> None:
    alma = make_person("Alma", methods=["sms"])
    gauge = watch._gauges["oldest_unsent_delivery_s"]
    Delivery.objects.create(
        person=alma, channel="sms", address="+1", content={}, not_before=NOW, created_at=NOW, kind="test"
    )
    assert gauge.read(NOW - timedelta(seconds=5)) == 0
    assert gauge.read(NOW + timedelta(seconds=31)) == 31 > gauge.limit
    assert delivery_duties._ring in watch._alarms
    assert delivery_duties._ring_without_database in database_watch._alarms
