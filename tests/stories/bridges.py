"""What stories about the phone bridge ask: who is on the line, what the room and the timeline say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client

from engine.duties import run_once
from incidents.models import Incident
from incidents.timeline import newest_lines
from notifications.models import Responder
from people.models import Person
from rooms.models import Bridge, BridgeCaller
from tests.builders import make_person, make_policy
from tests.incidents.builders import make_incident, make_service
from tests.stories.night import Night


def declared(night: Night, *people: str, severity: int = 1) -> Incident:
    """Declare an incident that pages these people by call, all at once."""
    called = [make_person(name, methods=["voice"]) for name in people]
    service = make_service("mail")
    service.policy = make_policy((300, called))
    service.save()
    incident = make_incident("Mail is down", severity=severity, service=service, now=night.now())
    night.look()
    return incident


def person(incident: Incident, name: str) -> Responder:
    """Return somebody whom the incident's page calls, by name."""
    return Responder.objects.select_related("person").get(page__subject=incident.subject, person__name=name)


def look(night: Night) -> None:
    """Let the engine look after the bridges."""
    run_once("bridges", now=night.now())


def bridge_of(night: Night, incident: Incident) -> Bridge:
    """Return an incident's bridge, opened by the engine."""
    look(night)
    return Bridge.objects.get(incident=incident)


def on_line(incident: Incident) -> str:
    """Return the names of who is on the line, as "Ada, Vic"."""
    callers = BridgeCaller.objects.filter(bridge=incident.pk, state="on_line").order_by("name")
    return ", ".join(caller.name for caller in callers)


def told(incident: Incident) -> list[str]:
    """Return what the timeline says about the bridge, oldest first."""
    return [line.sentence for line in reversed(newest_lines(incident)) if line.verb.startswith("bridge.")]


def room(incident: Incident, reader: Person) -> str:
    """Return the incident's room as somebody sees it, its text without line breaks."""
    browser = Client()
    browser.force_login(reader)
    return " ".join(browser.get(f"/incidents/{incident.number}/").content.decode().split())


def until(night: Night, question: Callable[[], str], expected: str) -> None:
    """Wait until a question is answered as expected."""
    night.becomes(question, expected)


def said(call: Mapping[str, Any]) -> str:
    """Return all that was said on a call."""
    return " ".join(each["text"] for each in call["heard"] if each["kind"] not in ("digits", "own"))
