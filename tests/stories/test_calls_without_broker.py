"""Calls and texts leave while nothing takes what is handed over, also where calls take turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import pytest
from django.db import connections
from pytest_django import Settings

from engine import broker, clock, wake
from engine.duties import registered
from engine.loop import Loop
from tests.builders import make_page, make_person
from tests.phones import Phones

DUTIES: Final = ("pages", "deliveries", "turns")
PAGE_S: Final = 5.0
"""The promise's own limit, from the page's start until the provider has the request."""


@pytest.fixture
def engine(phones: Phones, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An engine of this process, a broker that is gone, and a provider that takes one call a second."""
    del phones
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    settings.CHANNEL_RATES = {("voice", "twilio"): 1.0}
    monkeypatch.setattr(broker, "_publisher", broker.Publisher())
    monkeypatch.setattr(wake, "_bells", {})
    stopping = threading.Event()
    loop = Loop([registered()[name] for name in DUTIES], stopping=stopping)
    loop.start()
    yield
    stopping.set()
    assert loop.stop(within_s=20)
    connections.close_all()


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
