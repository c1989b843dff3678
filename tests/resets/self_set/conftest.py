"""Fixtures: the desk is a kind of system like any other, mails arrive, and a test moves the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from engine import clock
from resets.backends.registry import PLACES
from tests.builders import NOW
from tests.resets.self_set import desk
from tests.statuspage.subscribers.mail_server import Mailbox, mail_server


@pytest.fixture(autouse=True)
def _desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLACES, "desk", desk.PLACE)
    monkeypatch.setattr(desk, "KEPT", desk.Kept())


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """What customers are sent."""
    with mail_server() as box:
        yield box


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the time that views are told; it starts at NOW."""
    told = [NOW]
    monkeypatch.setattr(clock, "now", lambda: told[0])

    def set_to(moment: datetime) -> None:
        told[0] = moment

    return set_to


@pytest.fixture
def customer(at: Callable[[datetime], None]) -> desk.Customer:
    """Somebody at a browser."""
    return desk.Customer(at, NOW)
