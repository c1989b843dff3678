"""Every attempt can be found: by who, what, how it went and when; the same as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ledger.queries import entries
from notifications.models import Attempt, Delivery
from people.models import Person, Role
from tests.builders import NOW, make_method, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def text() -> Delivery:
    """Write a text that failed at one provider and was taken by the next."""
    otto = make_person("=Otto", role=Role.RESPONDER, methods=[])
    method = make_method(otto, "sms", address="+12065550199")
    delivery = Delivery.objects.create(
        person=otto, contact_method=method, channel="sms", address=method.address, provider="vonage", state="sent",
        not_before=NOW, created_at=NOW,
    )  # fmt: skip
    for provider, result, code in (("twilio", "temporary", "20429"), ("vonage", "accepted", "0")):
        Attempt.objects.create(delivery=delivery, at=NOW, provider=provider, result=result, code=code, latency_ms=41)
    return delivery


@pytest.fixture
def browser() -> Client:
    """Sign an auditor in."""
    client = Client()
    client.force_login(make_person("Leo"))
    return client


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"channel": "sms"}, True),
        ({"channel": "voice"}, False),
        ({"provider": "twilio"}, True),
        ({"provider": "vonage"}, True),
        ({"provider": "http"}, False),
        ({"result": "temporary"}, True),
        ({"result": "permanent"}, False),
        ({"code": "20429"}, True),
        ({"code": "2042"}, False),
        ({"provider": "twilio", "result": "temporary", "code": "20429"}, True),
        ({"provider": "vonage", "code": "20429"}, False),
        ({"provider": "twilio", "result": "accepted"}, False),
        ({"address": "5550199"}, True),
        ({"address": "5550198"}, False),
        ({"since": "2026-11-22T03:00", "until": "2026-11-22T03:01"}, True),
        ({"since": "2026-11-22T03:01"}, False),
        ({"until": "2026-11-22T03:00"}, False),
        ({"page": "9d1f6d0e-58f4-4d0c-8f0b-7f9b2f3d1c55"}, False),
        ({"since": "nonsense", "code": "20429"}, True),
    ],
)
def test_what_was_tried_is_found_on_the_screen_and_in_the_file(
    browser: Client, text: Delivery, query: dict[str, str], is_found: bool
) -> None:
    rows = browser.get(reverse("deliveries"), query).context["rows"]
    assert [delivery.pk for delivery, _words in rows] == ([text.pk] if is_found else [])
    file = browser.post(reverse("deliveries_file"), query_params=query)
    assert (str(text.pk) in b"".join(file.streaming_content).decode()) is is_found  # type: ignore[attr-defined]


def test_times_are_meant_in_the_readers_zone(text: Delivery) -> None:
    leo = make_person("Leo")
    Person.objects.filter(pk=leo.pk).update(time_zone="Asia/Tokyo")
    client = Client()
    client.force_login(leo)
    for since, rows in (("2026-11-22T12:00", 1), ("2026-11-22T12:01", 0)):
        assert len(client.get(reverse("deliveries"), {"since": since}).context["rows"]) == rows


def test_the_file_has_a_line_for_each_try_no_formula_and_is_in_the_ledger(browser: Client, text: Delivery) -> None:
    untried = Delivery.objects.create(
        person=text.person, channel="voice", address="+12065550100", not_before=NOW,
        created_at=NOW + timedelta(seconds=1),
    )  # fmt: skip
    file = browser.post(reverse("deliveries_file"))
    rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [(row["delivery"], row["try_provider"], row["try_code"]) for row in rows] == [
        (str(untried.pk), "", ""),
        (str(text.pk), "twilio", "20429"),
        (str(text.pk), "vonage", "0"),
    ]
    assert {row["person"] for row in rows} == {"'=Otto"}
    assert {row["address"] for row in rows} == {"'+12065550100", "'+12065550199"}
    assert entries("settings:delivery")[-1].verb == "deliveries.exported"
