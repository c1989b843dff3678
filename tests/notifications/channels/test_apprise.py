"""Apprise: only what administrators allow, never longer than the limit, and its address shown to nobody."""

from __future__ import annotations

import importlib.util
import threading
import time

import pytest
from pytest_django import Settings

from notifications.channels.apprise import service
from notifications.channels.base import CALL_S, ChannelFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.registry import channel
from notifications.contact_forms import AddContactForm
from tests.gateway import Gateway, Told
from tests.notifications.channels.said import told
from web.errors import BadInput

pytestmark = pytest.mark.skipif(
    not service.is_installed(), reason="Apprise is an extra: .venv/bin/pip install -r requirements-apprise.txt"
)


@pytest.fixture
def at(settings: Settings, provider: Gateway) -> str:
    """Allow one service and return its address there."""
    settings.APPRISE_SERVICES = ["json"]
    return provider.url.replace("http://", "json://user:word@") + "/room?retry=3&redirect=yes"


def test_a_message_is_handed_to_the_service(at: str, provider: Gateway) -> None:
    receipt = channel("apprise").send(told(secret=at, repeated=True))
    (asked,) = provider.asked
    assert asked.path == "/room"
    assert asked.json["title"] == "SEV1 1042: Power lost"
    assert "https://muster.example/p/x-y-z/" in asked.json["message"]
    assert not receipt.delivered


@pytest.mark.parametrize("kind", ["page", "reminder", "news", "alarm", "verification", "test"])
def test_no_kind_of_message_is_empty(at: str, provider: Gateway, kind: str) -> None:
    channel("apprise").send(told(secret=at, kind=kind, link="", sentence="123456" if kind == "verification" else ""))
    assert provider.asked[0].json["message"].strip()


@pytest.mark.parametrize(
    ("status", "failure", "scope"),
    [
        (401, PermanentFailure, "address"),
        (404, PermanentFailure, "address"),
        (400, PermanentFailure, "message"),
        (429, TemporaryFailure, ""),
        (500, TemporaryFailure, ""),
        (302, TemporaryFailure, ""),
    ],
)
def test_a_refusal_is_read_from_the_librarys_words(
    at: str, provider: Gateway, status: int, failure: type[ChannelFailure], scope: str
) -> None:
    provider.always(status, Location=f"{provider.url}/elsewhere")
    with pytest.raises(failure) as raised:
        channel("apprise").send(told(secret=at))
    assert getattr(raised.value, "scope", "") == scope
    assert raised.value.code == str(status)
    assert len(provider.asked) == 1  # neither tried again nor led elsewhere
    assert "word" not in raised.value.detail


def test_a_service_that_is_away_is_tried_again(at: str) -> None:
    with pytest.raises(TemporaryFailure):
        channel("apprise").send(told(secret="json://127.0.0.1:9/"))
    assert at


def test_a_service_that_hangs_holds_nobody_up(at: str, provider: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = threading.Event()
    provider.answer = lambda _asked: Told(hold=hold)
    monkeypatch.setattr(service, "CALL_S", 0.2)
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        channel("apprise").send(told(secret=at))
    hold.set()
    assert time.monotonic() - began < CALL_S


def test_only_what_is_allowed_may_be_added(at: str, settings: Settings) -> None:
    assert channel("apprise").clean_address(f" {at} ") == at
    for wrong in ("gotify://example.org/token", "json://", "nothing", ""):
        with pytest.raises(BadInput):
            channel("apprise").clean_address(wrong)
    settings.APPRISE_SERVICES = ["*"]
    assert channel("apprise").clean_address("gotify://example.org/Atoken1234567890")


def test_what_is_no_longer_allowed_is_no_longer_used(at: str, provider: Gateway, settings: Settings) -> None:
    settings.APPRISE_SERVICES = ["tgram"]
    with pytest.raises(PermanentFailure):
        channel("apprise").send(told(secret=at))
    assert provider.asked == []


def test_nobody_is_offered_it_until_it_can_send(at: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "apprise" in dict(AddContactForm().fields["kind"].choices)  # type: ignore[attr-defined]
    settings.APPRISE_SERVICES = []
    assert "APPRISE_SERVICES" in channel("apprise").trouble()
    assert "apprise" not in dict(AddContactForm().fields["kind"].choices)  # type: ignore[attr-defined]
    settings.APPRISE_SERVICES = ["json"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert "requirements-apprise.txt" in channel("apprise").trouble()
    assert at


def test_the_address_is_masked() -> None:
    shown = channel("apprise").masked("tgram://123456789:abcdefg/12315544/")
    assert shown.startswith("tgram://\u2026")
    assert "abcdefg" not in shown
    assert shown != channel("apprise").masked("tgram://123456789:abcdefg/12315545/")
