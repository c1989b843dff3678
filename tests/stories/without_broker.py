"""An engine of the test's own process whose broker is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.db import connections
from pytest_django import Settings

from engine import broker, wake
from engine.duties import registered
from engine.loop import Loop


@contextmanager
def engine_without_broker(
    duties: Sequence[str], *, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Do these duties for as long as the context lasts; what is published goes to a port where nobody listens."""
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    monkeypatch.setattr(broker, "_publisher", broker.Publisher())
    monkeypatch.setattr(wake, "_bells", {})
    stopping = threading.Event()
    loop = Loop([registered()[name] for name in duties], stopping=stopping)
    loop.start()
    try:
        yield
    finally:
        stopping.set()
        ended = loop.stop(within_s=20)
        connections.close_all()
    assert ended, "the engine's duties did not end"
