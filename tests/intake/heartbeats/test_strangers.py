"""Unknown keys: a place that tries many is told to wait, and keeps its own heartbeats."""

from __future__ import annotations

import pytest
from django.test import Client

from intake.models import Heartbeat, Ping, Quarantined
from intake.receivers import ping, strangers
from tests.intake.heartbeats.builders import make_heartbeat

HERE, THERE = "192.0.2.1", "192.0.2.2"


def test_a_place_is_heard_so_often_in_each_minute() -> None:
    counted = strangers.Strangers(most=2)
    assert [counted.is_one_too_many(HERE, at_s=60.0) for _ in range(4)] == [False, False, True, True]
    assert not counted.is_one_too_many(THERE, at_s=61.0)
    assert counted.is_one_too_many(HERE, at_s=119.9)
    assert not counted.is_one_too_many(HERE, at_s=120.0)


def test_the_counter_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "PLACES", 3)
    counted = strangers.Strangers(most=1)
    for number in range(100):
        assert not counted.is_one_too_many(f"192.0.2.{number}", at_s=0.0)
    assert counted.is_one_too_many("192.0.2.99", at_s=0.0)


@pytest.mark.django_db
def test_a_flood_of_unknown_keys_fills_nothing_and_silences_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat, key = make_heartbeat()
    # Its window must not end in the middle of this test.
    monkeypatch.setattr(strangers, "WINDOW_S", 1e9)
    monkeypatch.setattr(ping, "strangers", strangers.Strangers(most=3))

    def ask(path: str, place: str) -> int:
        return Client(REMOTE_ADDR=place).get(path).status_code

    assert [ask(f"/ping/unheard-of-{number}", HERE) for number in range(5)] == [404, 404, 404, 429, 429]
    assert ask("/ping/unheard-of/nonsense", HERE) == 429
    assert Client(REMOTE_ADDR=HERE).get("/ping/unheard-of")["Retry-After"] == "60"
    assert Quarantined.objects.count() == 3
    assert ask(f"/ping/{key}", HERE) == 200
    assert ask(f"/ping/{key}/nonsense", HERE) == 400
    assert ask("/ping/unheard-of", THERE) == 404
    assert Ping.objects.filter(heartbeat=heartbeat).count() == 1
    assert Heartbeat.objects.get().state == "up"
