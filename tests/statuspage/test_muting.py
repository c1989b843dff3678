"""A maintenance mutes what it explains, and not a moment longer: alerts, pages and components of one night."""

from __future__ import annotations

import pytest
from django.db import transaction

from engine.duties import run_once
from incidents.models import Incident, Service
from intake.models import Alert, IntegrationKey, RoutingRule
from intake.operations.issue_key import issue_key
from intake.operations.store_events import Source, store_events
from intake.rules.parsed import ParsedEvent
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.escalate import escalate
from statuspage.models import Component, PublicIncident
from statuspage.muting import muted_by_maintenance
from statuspage.operations.components import archive_component
from statuspage.operations.maintenance import cancel, change_maintenance, reschedule
from tests.builders import NOW, by, make_person
from tests.incidents.builders import after, make_service
from tests.statuspage.builders import make_component, make_maintenance, make_page, publish, say

pytestmark = pytest.mark.django_db

HOUR = 3600


@pytest.fixture
def service() -> Service:
    make_person("Alma")
    RoutingRule.objects.create(name="All", action="page")
    return make_service("mail", make_person("Otto"), make_person("Olga"))


@pytest.fixture
def mail(service: Service) -> Component:
    return make_component(make_page(), "Mail", services=[service])


@pytest.fixture
def maintenance(mail: Component) -> PublicIncident:
    """From two hours after `NOW`, for an hour."""
    return make_maintenance(mail.page, components={mail: "under_maintenance"})


def fire(service: Service, name: str, *, at: float) -> Alert:
    integration = IntegrationKey.objects.filter(service=service).first()
    if integration is None:
        with transaction.atomic():
            integration, _ = issue_key(
                name=service.name, kind=IntegrationKey.Kind.EVENTS_V2, service=service, by=Actor.system(), now=NOW
            )
    event = ParsedEvent(
        action="trigger", dedup_key=name, raw={}, summary=f"{name} is stuck", source="mx-1", severity="critical"
    )
    store_events(source=Source(integration.pk, service.pk), events=[event], now=after(at))
    route(at)
    return Alert.objects.filter(dedup_key=name).latest("pk")


def route(at: float) -> None:
    for duty in ("unmuting", "routing", "settling"):
        run_once(duty, now=after(at))


def pass_time(at: float) -> None:
    run_once("maintenances", now=after(at))
    route(at)


def muted(service: Service, at: float) -> bool:
    return service.pk in muted_by_maintenance([service.pk], after(at))


def test_new_alerts_are_silent_and_what_remains_pages_when_it_ends(
    service: Service, maintenance: PublicIncident
) -> None:
    pass_time(2 * HOUR)
    alert = fire(service, "queue", at=2.5 * HOUR)
    assert alert.muted == "Muted by maintenance “Database servers move”, until 2026-11-22 06:00 UTC"
    fire(service, "disk", at=2.5 * HOUR)
    end = ParsedEvent(action="resolve", dedup_key="disk", raw={})
    store_events(source=Source(alert.integration_id, service.pk), events=[end], now=after(2.6 * HOUR))
    pass_time(2.9 * HOUR)
    assert not Page.objects.exists()
    pass_time(3 * HOUR)
    assert Page.objects.get().title == "Mail: queue is stuck"


def test_what_was_open_before_still_pages_and_is_escalated_by_hand(
    service: Service, maintenance: PublicIncident
) -> None:
    fire(service, "queue", at=HOUR)
    page = Page.objects.get()
    run_once("pages", now=after(HOUR))
    pass_time(2 * HOUR)
    run_once("pages", now=after(2 * HOUR + 400))
    page.refresh_from_db()
    assert (page.state, page.level) == ("paging", 1)
    called = set(page.deliveries.values_list("person__name", flat=True))
    assert called == {"Otto", "Olga"}
    with transaction.atomic():
        answer = escalate(page_id=page.pk, by=by(make_person("Sue")), now=after(2.5 * HOUR))
    assert answer.changed


def test_other_services_page_as_ever(service: Service, maintenance: PublicIncident) -> None:
    pass_time(2 * HOUR)
    fire(make_service("web", make_person("Max")), "web", at=2.5 * HOUR)
    assert Page.objects.get().policy_name == "Policy of web"


def test_an_incident_rule_declares_when_it_is_over(service: Service, maintenance: PublicIncident) -> None:
    RoutingRule.objects.update(action="incident", incident_severity=1)
    fire(service, "queue", at=2.5 * HOUR)
    assert not Incident.objects.exists()
    pass_time(3 * HOUR)
    assert Incident.objects.get().severity == 1


def test_an_engine_that_was_away_mutes_and_pages_at_the_right_times(
    service: Service, maintenance: PublicIncident
) -> None:
    assert not muted(service, 2 * HOUR - 1)
    assert muted(service, 2 * HOUR), "nobody has started it, but customers were told when it begins"
    assert muted(service, 3 * HOUR - 1)
    assert not muted(service, 3 * HOUR)


def test_without_automatic_start_only_a_person_starts_the_muting(service: Service, mail: Component) -> None:
    public = make_maintenance(mail.page, components={mail: "under_maintenance"}, auto_start=False, auto_end=False)
    assert not muted(service, 2.5 * HOUR)
    say(public, "in_progress", "We begin.", now=after(2.5 * HOUR))
    assert muted(service, 2.5 * HOUR)
    assert not muted(service, 3 * HOUR), "an overrun was announced to nobody"
    with transaction.atomic():
        longer = reschedule(
            public_incident=public,
            scheduled_for=after(2 * HOUR),
            scheduled_until=after(5 * HOUR),
            texts={"en": "It takes longer."},
            by=by(make_person("Cam")),
            now=after(3.5 * HOUR),
        )
    assert not muted(service, 3.6 * HOUR)
    publish(longer, now=after(3.7 * HOUR))
    assert muted(service, 3.8 * HOUR)


def test_a_component_that_is_back_earlier_pages_earlier(service: Service, maintenance: PublicIncident) -> None:
    pass_time(2 * HOUR)
    fire(service, "queue", at=2.2 * HOUR)
    mail = Component.objects.get()
    say(maintenance, "verifying", "Mail is back.", components={mail: "operational"}, now=after(2.5 * HOUR))
    pass_time(2.5 * HOUR)
    assert Page.objects.count() == 1


@pytest.mark.parametrize("how", ["wished", "unpublished", "cancelled", "archived", "unmapped"])
def test_what_does_not_mute(service: Service, mail: Component, how: str) -> None:
    public = make_maintenance(mail.page, components={mail: "under_maintenance"}, published=how != "unpublished")
    cam = by(make_person("Cam"))
    assert muted(service, 2.5 * HOUR) is (how != "unpublished")
    with transaction.atomic():
        if how == "wished":
            change_maintenance(
                public_incident=public,
                remind_before_s=None,
                auto_start=True,
                auto_end=True,
                mutes_alerts=False,
                by=cam,
                now=NOW,
            )
        elif how == "cancelled":
            publish(cancel(public_incident=public, texts={"en": "Not this time."}, by=cam, now=NOW))
        elif how == "archived":
            archive_component(component=mail, by=cam, now=NOW)
        elif how == "unmapped":
            mail.services.clear()
    assert not muted(service, 2.5 * HOUR)


def test_an_alert_older_than_the_maintenance_is_none_of_its_doing(
    service: Service, maintenance: PublicIncident
) -> None:
    pass_time(2 * HOUR)
    alert = fire(service, "queue", at=2 * HOUR - 1)
    assert alert.muted == ""
    assert Page.objects.count() == 1
