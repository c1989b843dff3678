"""Alerts that somebody above explains wait, and nothing else does: no doubt and no failure keeps a page away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from engine.duties import run_once
from incidents.models import Incident, Service
from intake import registry
from intake.models import Alert, IntegrationKey, RoutingRule
from intake.operations.issue_key import issue_key
from intake.operations.store_events import Source, store_events
from intake.registry import Muting, Mutings
from intake.rules.muting import waits
from intake.rules.parsed import ParsedEvent
from ledger.actor import Actor
from notifications.models import Page
from tests.builders import NOW, make_person
from tests.incidents.builders import after, make_service

pytestmark = pytest.mark.django_db

REASON: Final = "Muted by maintenance “New racks”, until 04:00 UTC"


class Works:
    """Somebody above who mutes what a test says."""

    def __init__(self) -> None:
        self.of: dict[int, Muting] = {}

    def begin(self, service: Service, *, at: datetime = NOW, reason: str = REASON) -> None:
        self.of[service.pk] = Muting(since=at, reason=reason)

    def end(self, service: Service) -> None:
        del self.of[service.pk]

    def __call__(self, services: Collection[int], _now: datetime) -> Mapping[int, Muting]:
        return {service: muting for service, muting in self.of.items() if service in services}


@pytest.fixture
def mutings(monkeypatch: pytest.MonkeyPatch) -> Mutings:
    """Give the intake a registry of its own, so that only what a test registers mutes."""
    own = Mutings()
    monkeypatch.setattr(registry.mutings, "_look_ups", own._look_ups)
    return own


@pytest.fixture
def works(mutings: Mutings) -> Works:
    works = Works()
    mutings.register("works", works)
    return works


@pytest.fixture(autouse=True)
def _rule() -> None:
    make_person("Alma")
    RoutingRule.objects.create(name="All", action="page")


@pytest.fixture
def mail() -> Service:
    return make_service("mail", make_person("Otto"))


@pytest.fixture
def source(mail: Service) -> Source:
    return source_of(mail)


def source_of(service: Service | None) -> Source:
    with transaction.atomic():
        key, _ = issue_key(
            name=f"Tool of {service}", kind=IntegrationKey.Kind.EVENTS_V2, service=service, by=Actor.system(), now=NOW
        )
    return Source(key.pk, service.pk if service else None)


def fire(source: Source, name: str = "queue", *, at: float = 0, severity: str = "critical") -> Alert:
    event = ParsedEvent(
        action="trigger", dedup_key=name, raw={}, summary=f"{name} is stuck", source="mx-1", severity=severity
    )
    store_events(source=source, events=[event], now=after(at))
    look(at)
    return Alert.objects.filter(dedup_key=name).latest("pk")


def end(source: Source, name: str = "queue", *, at: float) -> None:
    store_events(source=source, events=[ParsedEvent(action="resolve", dedup_key=name, raw={})], now=after(at))
    look(at)


def look(at: float) -> None:
    for duty in ("unmuting", "routing", "settling"):
        run_once(duty, now=after(at))


def test_a_new_alert_waits_while_its_service_is_muted_and_says_why(works: Works, mail: Service, source: Source) -> None:
    works.begin(mail)
    alert = fire(source, at=60)
    assert (alert.state, alert.muted, alert.routed_at) == ("open", REASON, after(60))
    assert alert.rule is not None
    assert not Page.objects.exists()


def test_what_remains_pages_when_it_ends_and_what_resolved_does_not(
    works: Works, mail: Service, source: Source
) -> None:
    works.begin(mail)
    fire(source, "queue", at=60)
    fire(source, "disk", at=61)
    end(source, "disk", at=120)
    look(600)
    assert not Page.objects.exists()
    works.end(mail)
    look(601)
    page = Page.objects.get()
    assert page.title == "Mail: queue is stuck"
    assert Alert.objects.get(dedup_key="queue").muted == ""
    disk = Alert.objects.get(dedup_key="disk")
    assert (disk.muted, disk.settled_at) == (REASON, after(120))
    look(700)
    assert Page.objects.count() == 1


def test_what_began_before_still_pages(works: Works, mail: Service, source: Source) -> None:
    works.begin(mail, at=after(30))
    fire(source, at=29)
    assert Page.objects.count() == 1


def test_a_page_under_way_stays_and_a_worse_alert_makes_it_louder(works: Works, mail: Service, source: Source) -> None:
    fire(source, severity="warning")
    quiet = Page.objects.get()
    works.begin(mail, at=after(30))
    assert fire(source, at=60, severity="warning").muted == ""
    assert Page.objects.get().pk == quiet.pk
    assert fire(source, at=90, severity="critical").muted == ""
    assert Page.objects.get(state="paging").urgency == "high"


def test_an_alert_that_becomes_worse_while_muted_goes_on_waiting(works: Works, mail: Service, source: Source) -> None:
    works.begin(mail)
    fire(source, at=60, severity="warning")
    alert = fire(source, at=61, severity="critical")
    assert (alert.count, alert.muted) == (2, REASON)
    assert not Page.objects.exists()


def test_other_services_and_unknown_ones_page_as_ever(works: Works, mail: Service, source: Source) -> None:
    works.begin(mail)
    fire(source_of(make_service("web", make_person("Olga"))), "web")
    assert Page.objects.filter(policy_name="Policy of web").exists()
    RoutingRule.objects.update(service=mail)
    unknown = fire(source_of(None), "unknown")
    assert unknown.muted == ""
    assert Page.objects.filter(policy_name="Policy of mail").count() == 1


@pytest.mark.parametrize("severity", [1, 4])
def test_an_incident_rule_opens_nothing_for_what_is_explained(
    works: Works, mail: Service, source: Source, severity: int
) -> None:
    RoutingRule.objects.update(action="incident", incident_severity=severity)
    works.begin(mail)
    fire(source)
    assert not Incident.objects.exists()
    works.end(mail)
    look(60)
    assert Incident.objects.get().severity == severity


def test_one_who_cannot_answer_mutes_nothing(mutings: Mutings, works: Works, mail: Service, source: Source) -> None:
    def broken(services: Collection[int], now: datetime) -> Mapping[int, Muting]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM intake_alert")
        return {}

    mutings.register("broken", broken)
    assert fire(source).muted == ""
    assert Page.objects.count() == 1
    works.begin(mail)
    assert fire(source, "other").muted == REASON, "who can answer is still asked"


def test_when_nobody_can_answer_any_more_what_waited_pages(
    works: Works, mutings: Mutings, mail: Service, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    works.begin(mail)
    fire(source)

    def broken(_works: Works, _services: Collection[int], _now: datetime) -> Mapping[int, Muting]:
        raise RuntimeError("no answer")

    monkeypatch.setattr(Works, "__call__", broken)
    look(60)
    assert Page.objects.count() == 1


def test_a_lost_database_is_no_answer_but_raised(mutings: Mutings) -> None:
    def lost(services: Collection[int], now: datetime) -> Mapping[int, Muting]:
        raise OperationalError("gone")

    mutings.register("lost", lost)
    with pytest.raises(OperationalError):
        mutings.of([1], NOW)


def test_a_long_wait_of_many_hides_none_that_may_go(
    works: Works, mail: Service, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.operations.mute_alerts.BATCH", 3)
    web = make_service("web", make_person("Olga"))
    works.begin(mail)
    works.begin(web)
    for number in range(5):
        fire(source, f"mail-{number}")
    fire(source_of(web), "web")
    works.end(web)
    look(60)
    assert Page.objects.get().policy_name == "Policy of web"
    works.end(mail)
    look(120)
    assert not Alert.objects.exclude(muted="").exists()


def test_a_changed_reason_is_shown(works: Works, mail: Service, source: Source) -> None:
    works.begin(mail)
    fire(source)
    works.begin(mail, reason="Muted until 05:00 UTC")
    look(60)
    assert Alert.objects.get().muted == "Muted until 05:00 UTC"


def test_of_two_who_mute_the_longer_one_counts(mutings: Mutings) -> None:
    def since(minute: int) -> Callable[[Collection[int], datetime], Mapping[int, Muting]]:
        return lambda _services, _now: {7: Muting(since=NOW + timedelta(minutes=minute), reason=str(minute))}

    mutings.register("a", since(5))
    mutings.register("b", since(2))
    assert mutings.of([7], NOW)[7].reason == "2"
    with pytest.raises(ValueError, match="Two who mute"):
        mutings.register("a", since(1))


@pytest.mark.parametrize(
    ("first_seen", "since", "followed", "expected"),
    [
        (NOW, None, False, False),
        (NOW, NOW, False, True),
        (NOW, NOW + timedelta(seconds=1), False, False),
        (NOW, NOW - timedelta(seconds=1), True, False),
    ],
)
def test_what_waits(first_seen: datetime, since: datetime | None, followed: bool, expected: bool) -> None:
    assert waits(first_seen=first_seen, muted_since=since, already_followed=followed) is expected


def test_the_screens_and_the_api_say_why_nobody_was_called(works: Works, mail: Service, source: Source) -> None:
    works.begin(mail)
    alert = fire(source)
    mia = make_person("Mia")
    browser = Client()
    browser.force_login(mia, backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in ("/alerts/?state=muted", f"/alerts/{alert.pk}/"):
        assert "New racks" in browser.get(path).content.decode()
    assert browser.get("/api/v1/alerts").json()["items"][0]["muted"] == REASON
    works.end(mail)
    look(60)
    assert "New racks" not in browser.get("/alerts/?state=muted").content.decode()
