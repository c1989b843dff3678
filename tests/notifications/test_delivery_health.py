"""Delivery health: what the attempts of a window say about each provider, the screen, and what administrators do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engine import clock
from ledger.queries import entries
from notifications.channels.base import Limits
from notifications.delivery_health.chart import HEIGHT, strip
from notifications.delivery_health.reads import Slot
from notifications.delivery_health.report import SLOTS, ProviderHealth, report
from notifications.models import Attempt, Carrier, Delivery
from people.models import Person
from tests.builders import NOW, make_method, make_person
from tests.notifications.carriers import Carrier as Provider
from tests.notifications.carriers import carriers_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def providers() -> Iterator[None]:
    """Let texts go by two providers, the first at one a second."""
    with carriers_of("sms", Provider("sms", "first", limits=Limits(per_s=1.0)), Provider("sms", "second")):
        yield


def text(*, state: str = "sent", provider: str = "first", at: datetime = NOW) -> Delivery:
    """Write a text to somebody."""
    method = make_method(make_person("Ada", methods=[]), "sms")
    return Delivery.objects.create(
        person=method.person, contact_method=method, channel="sms", address=method.address, provider=provider,
        state=state, not_before=at, created_at=at,
    )  # fmt: skip


def tried(
    delivery: Delivery, result: str = "accepted", *, ago_s: float = 60, code: str = "", ms: int | None = 100
) -> Attempt:
    """Keep an exchange with the delivery's provider, so many seconds before the test looks."""
    at = NOW - timedelta(seconds=ago_s)
    return Attempt.objects.create(
        delivery=delivery, at=at, provider=delivery.provider, result=result, code=code, latency_ms=ms
    )


def texts(*, over: timedelta = HOUR) -> dict[str, ProviderHealth]:
    """Return how the providers of texts stand."""
    (found,) = [each for each in report(over=over, now=NOW).channels if each.kind == "sms"]
    return {each.provider: each for each in found.providers}


def test_counts_speak_about_the_provider_that_each_try_went_to() -> None:
    moved = text(provider="second", state="delivered")
    Attempt.objects.create(
        delivery=moved, at=NOW - timedelta(seconds=90), provider="first", result="temporary", code="429", latency_ms=40
    )
    tried(moved, ago_s=80, ms=200)
    tried(text(state="failed"), "permanent", code="21211", ago_s=70)
    first, second = texts()["first"].answers, texts()["second"].answers
    assert (first.taken, first.failed, first.refused, first.slowed, first.arrived) == (0, 1, 1, 1, 0)
    assert (second.taken, second.failed, second.refused, second.arrived) == (1, 0, 0, 1)
    assert (first.percent, second.percent, second.median_ms) == (0, 100, 200)


@pytest.mark.parametrize(
    ("state", "ago_s", "unheard"),
    [("sent", 301, 1), ("sent", 299, 0), ("delivered", 301, 0), ("failed", 301, 0)],
)
def test_what_was_taken_and_never_spoken_of_again_is_counted(state: str, ago_s: float, unheard: int) -> None:
    tried(text(state=state), ago_s=ago_s)
    health = texts()["first"]
    assert health.answers.unheard == unheard
    assert health.state == ("watch" if unheard else "ok")


def test_only_the_window_counts() -> None:
    tried(text(state="delivered"), ago_s=3601)
    assert texts()["first"].state == "unused"
    assert texts(over=timedelta(days=1))["first"].answers.taken == 1


def test_the_pace_is_of_the_last_minute_beside_its_limit() -> None:
    for ago_s in (1, 2, 3, 61):
        tried(text(state="delivered"), ago_s=ago_s)
    assert (texts()["first"].pace, texts()["first"].per_s, texts()["second"].per_s) == (0.05, 1.0, None)


def test_what_waits_is_what_is_due() -> None:
    text(state="pending", at=NOW - timedelta(seconds=40))
    text(state="pending", at=NOW + timedelta(seconds=40))
    (found,) = [each for each in report(over=HOUR, now=NOW).channels if each.kind == "sms"]
    assert (found.waiting.due, found.waiting.oldest_at) == (1, NOW - timedelta(seconds=40))
    assert (found.waiting.again, found.waiting.again_at) == (0, None)


def test_what_failed_and_is_tried_again_is_told_of() -> None:
    failed = text(state="pending", at=NOW + timedelta(seconds=40))
    Delivery.objects.filter(pk=failed.pk).update(tries=1)
    (found,) = [each for each in report(over=HOUR, now=NOW).channels if each.kind == "sms"]
    assert (found.waiting.due, found.waiting.again, found.waiting.again_at) == (0, 1, NOW + timedelta(seconds=40))


def test_a_provider_that_is_gone_is_still_told_of() -> None:
    tried(text(provider="former", state="delivered"))
    assert texts()["former"].state == "gone"


def test_the_window_is_read_in_as_many_queries_whatever_is_in_it() -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            report(over=HOUR, now=NOW)
        return len(queries)

    before = asked()
    for provider in ("first", "second", "former"):
        for _ in range(3):
            tried(text(provider=provider))
    assert asked() == before


@pytest.mark.parametrize(
    ("taken", "failed", "drawn"),
    [(10, 0, (HEIGHT, 0)), (0, 10, (0, HEIGHT)), (5, 5, (12, 12)), (9999, 1, (HEIGHT - 1, 1))],
)
def test_a_bar_fills_the_height_and_a_single_failure_is_seen(taken: int, failed: int, drawn: tuple[int, int]) -> None:
    drawing = strip([Slot(place=SLOTS - 1, taken=taken, failed=failed, median_ms=None)], since=NOW - HOUR, now=NOW)
    assert drawing is not None
    (bar,) = drawing.bars
    assert (bar.taken_height, bar.failed_height) == drawn
    assert bar.taken_top + bar.taken_height == bar.failed_top
    assert bar.failed_top + bar.failed_height == HEIGHT
    assert bar.began == NOW - HOUR / SLOTS


def test_nothing_is_drawn_of_nothing() -> None:
    assert strip([], since=NOW - HOUR, now=NOW) is None


def as_(person: Person) -> Client:
    """Sign somebody in."""
    client = Client()
    client.force_login(person)
    return client


def passed_over(provider: str = "first") -> Carrier:
    """Let a provider of texts be passed over."""
    now = clock.now()
    return Carrier.objects.create(
        kind="sms", provider=provider, state="open", reason="Answers 503.", changed_at=now,
        probe_at=now + timedelta(minutes=5),
    )  # fmt: skip


def test_the_screen_says_in_words_that_a_provider_is_passed_over_and_why() -> None:
    passed_over()
    for name, buttons in (("Alma", True), ("Leo", False)):
        shown = as_(make_person(name)).get(reverse("delivery_health")).content.decode()
        assert "Passed over" in shown
        assert "Answers 503." in shown
        assert ("Probe now" in shown) is buttons


def test_what_is_not_set_up_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pager = Provider("pager", "beeper")
    monkeypatch.setattr(pager, "trouble", lambda: "Set PAGER_KEY.")
    with carriers_of("pager", pager):
        shown = as_(make_person("Alma")).get(reverse("delivery_health")).content.decode()
        assert "pager" not in [each.kind for each in report(over=HOUR, now=NOW).channels]
    assert "Set PAGER_KEY." in shown


def test_an_administrator_lets_the_next_message_try_it() -> None:
    row = passed_over()
    as_(make_person("Alma")).post(reverse("carrier_probe", args=["sms", "first"]))
    row.refresh_from_db()
    assert row.state == "open"
    assert row.probe_at is not None
    assert row.probe_at <= clock.now()
    assert entries("settings:delivery")[-1].verb == "carrier.probe_asked"


def test_an_administrator_uses_it_again_once() -> None:
    row, alma = passed_over(), as_(make_person("Alma"))
    alma.post(reverse("carrier_close", args=["sms", "first"]))
    row.refresh_from_db()
    assert (row.state, row.reason, row.probe_at) == ("closed", "", None)
    again = alma.post(
        reverse("carrier_close", args=["sms", "first"]),
        headers={"referer": f"http://testserver{reverse('delivery_health')}"},
        follow=True,
    )
    assert "It is not passed over (any more)" in again.content.decode()
    assert [entry.verb for entry in entries("settings:delivery")] == ["carrier.closed"]
