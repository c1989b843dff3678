"""The alerts in an incident's room."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from incidents.models import Incident, Service
from incidents.panels import panels
from intake.models import Alert, IntegrationKey
from intake.panel import SHOWN, alerts_of
from tests.builders import NOW
from tests.incidents.builders import after, make_incident

pytestmark = pytest.mark.django_db


def make_alerts(incident: Incident, number: int, *, state: str = Alert.State.OPEN) -> None:
    key, _ = IntegrationKey.objects.get_or_create(name="Nagios", kind=IntegrationKey.Kind.EVENTS_V2)
    service, _ = Service.objects.get_or_create(key="databases", name="Databases")
    first = Alert.objects.count()
    Alert.objects.bulk_create(
        Alert(
            integration=key,
            dedup_key=f"alert-{n}",
            summary=f"Replication of db-{n} stopped",
            source=f"db-{n}",
            severity="critical",
            service=service,
            state=state,
            resolved_at=NOW if state == Alert.State.RESOLVED else None,
            incident=incident,
            first_seen=NOW,
            last_seen=after(n),
        )
        for n in range(first, first + number)
    )


def shown(incident: Incident) -> str:
    return alerts_of(RequestFactory().get("/"), incident)


def test_a_declared_incident_without_alerts_has_no_such_panel() -> None:
    assert shown(make_incident(severity=3)) == ""


def test_the_room_knows_it() -> None:
    assert "alerts" in [panel.key for panel in panels.ordered()]


def test_the_newest_stand_first_with_how_many_are_resolved() -> None:
    incident = make_incident(severity=3)
    make_alerts(incident, 2, state=Alert.State.RESOLVED)
    make_alerts(incident, 3)
    text = shown(incident)
    assert "2 of 5 resolved" in text
    assert text.index("db-4 stopped") < text.index("db-0 stopped")


def test_a_storm_is_a_number() -> None:
    incident = make_incident(severity=3)
    make_alerts(incident, 300)
    with CaptureQueriesContext(connection) as seen:
        text = shown(incident)
    assert len(seen) == 2
    assert "300 alerts" in text
    assert text.count("stopped") == SHOWN
    assert f"and {300 - SHOWN} more" in text


def test_what_a_tool_sent_is_text() -> None:
    incident = make_incident(severity=3)
    make_alerts(incident, 1)
    Alert.objects.update(summary="<script>alert(1)</script>")
    assert "<script>" not in shown(incident)
