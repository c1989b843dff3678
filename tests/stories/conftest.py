"""What a story has at hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

from engine import clock
from tests.contract.descriptions import CONTRACTS, twilio_faults
from tests.phones import Phones
from tests.stories.night import Night


@pytest.fixture
def night(phones: Phones, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """A night whose clock the story moves. A message that it did not expect fails it, also after its last line."""
    phones.call_back()
    night = Night(phones=phones, url=live_server.url, database_clock=clock.now)
    monkeypatch.setattr(clock, "now", night.now)
    yield night
    night.stays_quiet()


@pytest.fixture(autouse=True)
def _what_nobody_expected_fails_the_story(request: pytest.FixtureRequest) -> Iterator[None]:
    """At the end of every story that has phones: whoever was reached is somebody at whom the story looked.

    A story of a night is stricter: there each single message counts.
    """
    watched: Phones | None = None
    if "phones" in request.fixturenames:
        watched = request.getfixturevalue("phones")
    elif "product" in request.fixturenames:
        watched = request.getfixturevalue("product").phones
    yield
    if watched is not None:
        watched.nothing_unexpected()
        assert undescribed(watched) == []


def undescribed(phones: Phones) -> list[str]:
    """Return what Twilio's own description, where it is at hand, says against the calls and texts of a story."""
    if not CONTRACTS.is_dir():
        return []
    return sorted(
        {
            fault
            for kind in ("calls", "messages")
            for item in phones.arrived(kind, direction="outbound-api")
            for fault in twilio_faults("POST", f"/2010-04-01/Accounts/AC/{kind.capitalize()}.json", {}, item["params"])
        }
    )
