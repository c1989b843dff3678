"""One of everything that the API shows, so that every address has something behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from eap.models import PlanVersion, Run
from engine import clock
from engine.duties import run_once
from incidents.models import Incident, Service
from intake.models import Alert, Heartbeat, IntegrationKey, Quarantined
from intake.operations.issue_key import issue_key
from intake.operations.quarantine import quarantine
from intake.operations.store_events import Source, store_events
from intake.rules.parsed import ParsedEvent
from ledger.actor import Actor
from notifications.models import Page
from resets.models import Phase, Reset, Wave
from statuspage.models import Component, Customer, Metric, PublicIncident, StatusUpdate, Subscriber
from statuspage.operations.metrics import save_metric
from tests.builders import make_page
from tests.eap.plans.builders import make_draft
from tests.eap.runs.builders import begin, make_version, step
from tests.incidents.builders import Company, make_company, make_incident, make_service
from tests.intake.heartbeats.builders import make_heartbeat
from tests.resets.engine.builders import make_reset, make_system
from tests.statuspage.builders import draft, make_component, make_maintenance
from tests.statuspage.builders import make_page as make_status_page
from tests.statuspage.customers.building import make_customer
from tests.statuspage.subscribers.subscribing import make_subscriber

HTTP: Final = {"url": "https://panel.example/reset", "secret": "panel_key"}


@dataclass(frozen=True, kw_only=True)
class World:
    """Harbor Hosting in the middle of a night: two incidents, a page, an alert, something nobody understood; on the
    status page a draft, a maintenance to come and a figure; a reset under way."""

    company: Company
    service: Service
    incident: Incident
    other: Incident
    page: Page
    alert: Alert
    quarantined: Quarantined
    routing_key: str
    component: Component
    update: StatusUpdate
    public_incident: PublicIncident
    maintenance: PublicIncident
    metric: Metric
    subscriber: Subscriber
    customer: Customer
    plan_version: PlanVersion
    run: Run
    heartbeat: Heartbeat
    reset: Reset


def make_world(*, severity: int = 3) -> World:
    """Make it; everybody who has to be called is called already."""
    company = make_company()
    service = make_service("mail", company.otto)
    now = clock.now()
    by = Actor.system()
    with transaction.atomic():
        integration, key = issue_key(name="Events", kind=IntegrationKey.Kind.EVENTS_V2, service=service, by=by, now=now)
    trigger(integration, "replication", now=now)
    quarantine(path="v2/enqueue", body=b"{", reason="JSON parse error", integration_id=None, now=now)
    status_page = make_status_page(now=now)
    component = make_component(status_page, "Mail", services=[service], now=now)
    with transaction.atomic():
        metric = save_metric(page=status_page, name="Response time", unit="ms", by=by, now=now)
    update = draft(status_page, components={component: "degraded_performance"}, now=now)
    world = World(
        company=company,
        service=service,
        incident=make_incident("Mail is late", severity=severity, service=service, now=now),
        other=make_incident("Mail is lost", severity=3, service=service, now=now),
        page=make_page(company.olga, now=now),
        alert=Alert.objects.get(),
        quarantined=Quarantined.objects.get(),
        routing_key=key,
        component=component,
        update=update,
        public_incident=update.public_incident,
        maintenance=make_maintenance(status_page, components={component: "under_maintenance"}, now=now),
        metric=metric,
        subscriber=make_subscriber(status_page),
        customer=make_customer(status_page, "K-7", "bakery.example"),
        plan_version=make_draft(now=now),
        run=begin(make_version([step("look")]), now=now),
        heartbeat=make_heartbeat(now=now)[0],
        reset=_begun_reset(),
    )
    run_once("pages", now=clock.now())
    return world


def _begun_reset() -> Reset:
    reset = make_reset(systems=[make_system(kind="http", settings=HTTP)])
    Reset.objects.filter(pk=reset.pk).update(state=Reset.State.RUNNING)
    reset.refresh_from_db()
    phase = Phase.objects.create(reset=reset, name="disable", state=Phase.State.RUNNING)
    Wave.objects.create(phase=phase, number=1, accounts=10, wanted=True)
    return reset


def trigger(integration: IntegrationKey, dedup_key: str, *, now: datetime, **fields: Any) -> None:
    """Let a tool say that something is wrong."""
    event = ParsedEvent(
        action="trigger",
        dedup_key=dedup_key,
        raw={"dedup_key": dedup_key},
        summary="Replication stopped",
        source="db-3",
        severity="critical",
        fields=fields,
    )
    store_events(source=Source(integration.pk, integration.service_id), events=[event], now=now)
