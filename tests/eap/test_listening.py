"""Who may hear of a run: who may see it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from incidents.models import Incident
from people.models import Person
from tests.builders import make_person
from tests.eap.runs.builders import begin, make_incident, make_version, page_of, step

pytestmark = pytest.mark.django_db


def heard_by(person: Person, *subjects: str) -> list[str]:
    """Return the subjects for which somebody gets a ticket to the live stream."""
    client = Client()
    client.force_login(person)
    url = client.get("/live/ticket", {"subject": subjects}).json()["url"]
    return parse_qs(urlsplit(url).query).get("subject", [])


def test_what_belongs_to_a_private_incident_is_heard_by_those_who_may_know_of_it() -> None:
    vic, otto, ada = make_person("Vic"), make_person("Otto"), make_person("Ada")
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(private=True)
    run = begin(
        make_version([step("a", role="vp")], roles={"vp": {"title": "VP", "person": vic.email}}), incident=incident
    )
    page = page_of(run, "a")
    private = [incident.subject, run.subject, f"run-log:{run.pk}", f"page:{page.pk}"]
    asked = ["incidents", *private, "run:nonsense", "run:", "settings"]
    assert heard_by(ada, *asked) == ["incidents", *private, "settings"], "a CEO sees private incidents"
    assert heard_by(otto, *asked) == ["incidents", "settings"]
    assert run.subject in heard_by(vic, *asked), "who has a step in it"
    Incident.objects.filter(pk=incident.pk).update(private=False)
    assert heard_by(otto, *private) == private
