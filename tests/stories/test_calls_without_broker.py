"""Calls and texts leave while nothing takes what is handed over, also where calls take turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import pytest
from pytest_django import Settings

from engine import broker, clock
from tests.builders import make_page, make_person
from tests.phones import Phones
from tests.stories.without_broker import engine_without_broker

DUTIES: Final = ("pages", "deliveries", "turns")
PAGE_S: Final = 5.0
"""The promise's own limit, from the page's start until the provider has the request."""


@pytest.fixture
def engine(phones: Phones, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An engine of this process, a broker that is gone, and a provider that takes one call a second."""
    del phones
    settings.CHANNEL_RATES = {("voice", "twilio"): 1.0}
    with engine_without_broker(DUTIES, settings=settings, monkeypatch=monkeypatch):
        yield


def test_calls_and_texts_leave_within_5_s(engine: None, phones: Phones) -> None:
    del engine
    began = time.time()
    for name, methods in (("Otto", ["voice"]), ("Olga", ["voice"]), ("Ada", ["sms"])):
        make_page(make_person(name, methods=methods), now=clock.now())
    phones.wait_for("messages", count=1, patience_s=20)
    phones.wait_for("calls", count=2, patience_s=20)
    (texted,) = arrived(phones, "messages")
    calls = arrived(phones, "calls")
    assert texted - began < PAGE_S
    assert calls[0] - began < PAGE_S
    assert len(calls) == 2
    assert broker.publisher().is_lost(), "the broker was never there"


def arrived(phones: Phones, kind: str) -> list[float]:
    """Return when the provider had each request whole, oldest first, as time.time() tells it."""
    return sorted(datetime.fromisoformat(each["received_at"]).timestamp() for each in phones.all(kind))
