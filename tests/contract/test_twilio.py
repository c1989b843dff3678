"""Every request to Twilio against its description, and its own samples of webhooks and errors against our doors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_django import Settings

from notifications.channels.base import ChannelFailure, PermanentFailure, TemporaryFailure
from notifications.channels.registry import carrier
from notifications.channels.twilio.errors import failure_of
from notifications.models import Delivery
from tests.builders import make_page, make_person
from tests.contract.descriptions import loaded, needs_descriptions, samples, twilio_faults
from tests.gateway import Asked, Gateway, Told, gateway
from tests.notifications.answering import post_signed
from tests.notifications.channels.said import AT, told
from tests.notifications.watching import advance

pytestmark = needs_descriptions

KINDS = ("page", "reminder", "news", "alarm", "verification", "test")


@pytest.fixture
def twilio(settings: Settings) -> Iterator[Gateway]:
    """A server that answers as the description's own examples would."""
    with gateway() as server:
        server.answer = _answer
        settings.TWILIO_API_URL = server.url
        yield server


def _answer(asked: Asked) -> Told:
    kind = "calls" if "/Calls" in asked.path else "messages"
    one = {"sid": "CA1" if kind == "calls" else "SM1", "status": "queued", "to": "+1", "body": "", "date_created": None}
    listed = asked.method == "GET" and asked.path.endswith(f"/{kind.capitalize()}.json")
    content = {kind: [one], "page": 0, "page_size": 50} if listed else one
    return Told(status=201 if asked.method == "POST" else 200, body=json.dumps(content))


def faults(asked: Asked) -> list[str]:
    """Return what is wrong with a request."""
    query = {name: values[-1] for name, values in parse_qs(asked.query).items()}
    form = {name: v if len(v) > 1 else v[0] for name, v in parse_qs(asked.body, keep_blank_values=True).items()}
    return twilio_faults(asked.method, asked.path, query, form)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["voice", "sms"])
@pytest.mark.parametrize("detection", ["off", "on"])
def test_what_we_ask_for_is_described(twilio: Gateway, settings: Settings, way: str, kind: str, detection: str) -> None:
    settings.TWILIO_MACHINE_DETECTION = detection
    answerable = kind in ("page", "reminder")
    for question in ("", "Turn hall 2 off?"):
        message = told(
            kind=kind, answerable=answerable, question=question, seal="s", valid_s=600 if answerable else None
        )
        channel = carrier(way, "twilio")
        channel.send(message)
        channel.look_up(message, since=AT, known=frozenset())
        channel.ask("CA1")
        if channel.can_withdraw:
            channel.withdraw("CA1")
    assert len(twilio.asked) >= 6
    assert [(each.method, each.path, faults(each)) for each in twilio.asked if faults(each)] == []


def test_a_wrong_request_would_be_noticed() -> None:
    path = "/2010-04-01/Accounts/AC1/Calls.json"
    good = {"To": "+46701234567", "From": "+15005550006", "Url": "https://muster.example/x", "Timeout": "25"}
    assert twilio_faults("POST", path, {}, good) == []
    assert twilio_faults("POST", path, {}, {**good, "Ring": "25"})
    assert twilio_faults("POST", path, {}, {**good, "Timeout": "long"})
    assert twilio_faults("POST", path, {}, {name: good[name] for name in ("From", "Url")})
    assert twilio_faults("POST", path, {"Sort": "1"}, good)
    assert twilio_faults("POST", "/2010-04-01/Accounts/AC1/Faxes.json", {}, good)


@pytest.mark.parametrize(
    ("name", "failure", "scope"),
    [
        ("rest_error.400_invalid_to", PermanentFailure, "address"),
        ("rest_error.401", PermanentFailure, "configuration"),
        ("rest_error.429", TemporaryFailure, ""),
    ],
)
def test_its_errors_are_sorted(name: str, failure: type[ChannelFailure], scope: str) -> None:
    sample = loaded(f"twilio/examples/{name}")
    found = failure_of(status=sample["status"], body=json.dumps(sample), retry_after=None)
    assert isinstance(found, failure)
    assert getattr(found, "scope", "") == scope
    assert found.detail == sample["message"]


STATUSES = [name for name in samples("twilio") if name.startswith(("voice_status", "message_status"))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", STATUSES)
def test_its_status_callbacks_are_understood(name: str, settings: Settings) -> None:
    way, sample = ("voice" if name.startswith("voice") else "sms"), loaded(f"twilio/examples/{name}")
    page = make_page(make_person("Ada", methods=[way]))
    advance()
    Delivery.objects.filter(page=page).update(state="sent", fence=1, tries=1, provider="twilio", sent_at=AT)
    delivery = Delivery.objects.get(page=page)
    answer = post_signed(settings, f"/twilio/status/{delivery.pk}/1", sample)
    assert answer.status_code == 204
    told_word = sample.get("CallStatus") or sample["MessageStatus"]
    assert [attempt.result for attempt in delivery.attempts.all()] == [told_word]
    delivery.refresh_from_db()
    assert delivery.provider_ref == (sample.get("CallSid") or sample["MessageSid"])


OTHERS = [name for name in samples("twilio") if name not in STATUSES and not name.startswith("rest_error")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", OTHERS)
def test_its_other_webhooks_are_taken(name: str, settings: Settings) -> None:
    sample = loaded(f"twilio/examples/{name}")
    path = "/twilio/sms" if name.startswith("message") else "/twilio/voice"
    answer: Any = post_signed(settings, path, sample)
    assert answer.status_code in (200, 204)
