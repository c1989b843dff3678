"""What Prometheus hears: incidents that the page denies, and words that wait for a second person."""

from __future__ import annotations

import pytest

from engine import clock
from statuspage.measures import status_measures
from tests.incidents.builders import make_incident, make_service
from tests.statuspage.builders import approve, draft, make_component, make_page, make_public_incident
from web.metrics import exposition

pytestmark = pytest.mark.django_db


def values() -> dict[str, float]:
    return {family.name: family.samples[0].value for family in status_measures()}


def test_what_should_be_zero_is_counted() -> None:
    page, service = make_page(), make_service("mail")
    mail = make_component(page, "Mail", services=[service])
    assert set(values().values()) == {0}
    make_incident(severity=1, service=service, now=clock.now())
    draft(page)
    approve(draft(page))
    assert values() == {"muster_status_green_while_burning": 1, "muster_status_updates_waiting": 2}
    assert b"muster_status_green_while_burning 1.0" in exposition()
    make_public_incident(page, components={mail: "major_outage"})
    assert values()["muster_status_green_while_burning"] == 0
