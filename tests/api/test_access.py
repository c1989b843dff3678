"""Every call of the API by every role and by nobody. A call without an expectation here fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from config.api import api
from engine import clock
from engine.duties import run_once
from incidents.models import Incident
from notifications.models import Page
from people.models import Person, Role
from statuspage.operations.contents import digest_of
from tests.api.calling import Caller, calling_as
from tests.api.world import HTTP, World, make_world
from tests.builders import make_person
from tests.eap.format.texts import plan_text
from tests.incidents.builders import make_incident

pytestmark = pytest.mark.django_db

ALL: Final = frozenset({"administrator", "responder", "executive", "communications", "observer", "auditor"})
RESPONDERS: Final = ALL - {"observer", "auditor"}
DECLARERS: Final = ALL - {"auditor"}
AUDITORS: Final = frozenset({"administrator", "auditor"})
ADMINISTRATORS: Final = frozenset({"administrator"})
DRAFTERS: Final = RESPONDERS
RUNNERS: Final = frozenset({"administrator", "responder", "executive"})
WRITERS: Final = frozenset({"administrator", "responder"})
APPROVERS: Final = frozenset({"administrator", "executive", "communications"})

Body = Callable[[World], Any]


def nothing(_world: World) -> Any:
    return None


def nothing_said(_world: World) -> Any:
    return {}


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


EXPECTED: Final[dict[str, tuple[frozenset[str], Body]]] = {
    "GET /incidents": (ALL, nothing),
    "POST /incidents": (DECLARERS, lambda _: {"title": "Mail is slow"}),
    "GET /incidents/{incident_id}": (ALL, nothing),
    "GET /incidents/{incident_id}/timeline": (ALL, nothing),
    "GET /incidents/{incident_id}/muster": (ALL, nothing),
    "POST /incidents/{incident_id}/status": (RESPONDERS, lambda _: {"status": "investigating"}),
    "POST /incidents/{incident_id}/severity": (RESPONDERS, lambda _: {"severity": "SEV2"}),
    "POST /incidents/{incident_id}/roles": (
        RESPONDERS,
        lambda w: {"role": "commander", "person": str(w.company.mia.pk)},
    ),
    "POST /incidents/{incident_id}/notes": (RESPONDERS, lambda _: {"text": "The queue is full."}),
    "POST /incidents/{incident_id}/responders": (RESPONDERS, lambda w: {"people": [str(w.company.sid.pk)]}),
    "POST /incidents/{incident_id}/merge": (RESPONDERS, lambda w: {"into": str(w.other.pk)}),
    "POST /incidents/{incident_id}/resolve": (RESPONDERS, nothing),
    "POST /incidents/{incident_id}/decline": (RESPONDERS, nothing),
    "POST /incidents/{incident_id}/reopen": (RESPONDERS, nothing),
    "POST /incidents/{incident_id}/close": (RESPONDERS, nothing),
    "GET /services": (ALL, nothing),
    "GET /readiness": (ALL, nothing),
    "GET /pages": (ALL, nothing),
    "POST /pages": (RESPONDERS, lambda w: {"title": "Call me", "person": w.company.otto.email}),
    "GET /pages/{page_id}": (ALL, nothing),
    "GET /pages/{page_id}/tale": (ALL, nothing),
    "POST /pages/{page_id}/acknowledge": (RESPONDERS, nothing),
    "POST /pages/{page_id}/decline": (RESPONDERS, lambda w: {"person": str(w.company.olga.pk)}),
    "POST /pages/{page_id}/escalate": (RESPONDERS, nothing),
    "POST /pages/{page_id}/snooze": (RESPONDERS, lambda _: {"minutes": 15}),
    "POST /pages/{page_id}/reassign": (RESPONDERS, lambda w: {"person": str(w.company.otto.pk)}),
    "POST /pages/{page_id}/responders": (RESPONDERS, lambda w: {"people": [str(w.company.sid.pk)]}),
    "GET /deliveries": (ALL, nothing),
    "GET /delivery-health": (AUDITORS, nothing),
    "GET /alerts": (ALL, nothing),
    "GET /events": (ALL, nothing),
    "GET /quarantine": (AUDITORS, nothing),
    "POST /quarantine/{quarantined_id}/replay": (ADMINISTRATORS, nothing),
    "GET /heartbeats": (ALL, nothing),
    "POST /heartbeats": (ADMINISTRATORS, lambda _: {"name": "Hourly mail", "period_s": 3600}),
    "GET /heartbeats/{heartbeat_id}": (ALL, nothing),
    "PATCH /heartbeats/{heartbeat_id}": (ADMINISTRATORS, lambda _: {"grace_s": 60}),
    "DELETE /heartbeats/{heartbeat_id}": (ADMINISTRATORS, nothing),
    "GET /heartbeats/{heartbeat_id}/pings": (ALL, nothing),
    "POST /heartbeats/{heartbeat_id}/pause": (ADMINISTRATORS, nothing),
    "POST /heartbeats/{heartbeat_id}/resume": (ADMINISTRATORS, nothing),
    "POST /heartbeats/{heartbeat_id}/rotate": (ADMINISTRATORS, nothing),
    "GET /people": (ALL, nothing),
    "GET /people/{person_id}": (ALL, nothing),
    "GET /schedules": (ALL, nothing),
    "GET /on-call": (ALL, nothing),
    "GET /ledger": (AUDITORS, nothing),
    "GET /status/pages": (ALL, nothing),
    "GET /status/components": (ALL, nothing),
    "POST /status/components": (ADMINISTRATORS, lambda _: {"name": "DNS"}),
    "GET /status/components/{component_id}": (ALL, nothing),
    "PATCH /status/components/{component_id}": (ADMINISTRATORS, lambda _: {"description": "In and out"}),
    "DELETE /status/components/{component_id}": (ADMINISTRATORS, nothing),
    "POST /status/components/{component_id}/status": (APPROVERS, lambda _: {"status": "partial_outage"}),
    "GET /status/incidents": (ALL, nothing),
    "POST /status/incidents": (DRAFTERS, lambda _: {"name": "Mail is late", "text": "We look into it."}),
    "GET /status/incidents/{public_incident_id}": (ALL, nothing),
    "POST /status/incidents/{public_incident_id}/updates": (
        DRAFTERS,
        lambda _: {"stage": "identified", "text": "A queue is full."},
    ),
    "GET /status/updates/{update_id}": (ALL, nothing),
    "PATCH /status/updates/{update_id}": (DRAFTERS, lambda _: {"text": "We look into it now."}),
    "DELETE /status/updates/{update_id}": (DRAFTERS, nothing),
    "POST /status/updates/{update_id}/approve": (APPROVERS, lambda w: {"digest": digest_of(w.update)}),
    "POST /status/updates/{update_id}/publish": (APPROVERS, nothing),
    "POST /status/overrides": (APPROVERS, lambda _: {"reason": "I am alone in the building"}),
    "GET /status/maintenances": (ALL, nothing),
    "POST /status/maintenances": (
        DRAFTERS,
        lambda _: {
            "name": "New racks",
            "text": "We move.",
            "scheduled_for": _in_days(30),
            "scheduled_until": _in_days(31),
        },
    ),
    "GET /status/maintenances/{maintenance_id}": (ALL, nothing),
    "PATCH /status/maintenances/{maintenance_id}": (DRAFTERS, lambda _: {"auto_end": False}),
    "POST /status/maintenances/{maintenance_id}/updates": (
        DRAFTERS,
        lambda _: {"stage": "in_progress", "text": "We begin."},
    ),
    "POST /status/maintenances/{maintenance_id}/reschedule": (
        DRAFTERS,
        lambda _: {
            "text": "Later.",
            "scheduled_for": _in_days(30),
            "scheduled_until": _in_days(31),
        },
    ),
    "POST /status/maintenances/{maintenance_id}/cancel": (DRAFTERS, lambda _: {"text": "Not this time."}),
    "GET /status/metrics": (ALL, nothing),
    "POST /status/metrics": (ADMINISTRATORS, lambda _: {"name": "Queue"}),
    "POST /status/metrics/{metric_id}/points": (
        DRAFTERS,
        lambda _: {"points": [{"at": "2026-11-22T03:00:00Z", "value": 12.5}]},
    ),
    "GET /status/templates": (ALL, nothing),
    "GET /status/subscribers": (DRAFTERS, nothing),
    "POST /status/subscribers": (ADMINISTRATORS, lambda _: {"address": "new@customer.example"}),
    "DELETE /status/subscribers/{subscriber_id}": (ADMINISTRATORS, nothing),
    "POST /status/subscribers/{subscriber_id}/reactivate": (ADMINISTRATORS, nothing),
    "POST /status/subscribers/import": (ADMINISTRATORS, lambda _: {"csv": "address\nada@customer.example\n"}),
    "POST /status/subscribers/bounces": (ADMINISTRATORS, lambda _: {"addresses": ["gone@customer.example"]}),
    "POST /status/subscribers/erase": (ADMINISTRATORS, lambda _: {"address": "gone@customer.example"}),
    "GET /status/customers": (DRAFTERS, nothing),
    "POST /status/customers": (ADMINISTRATORS, lambda _: {"rows": [{"customer": "K-1", "name": "Bakery"}]}),
    "GET /status/customers/{customer_id}": (DRAFTERS, nothing),
    "GET /status/servers": (DRAFTERS, nothing),
    "POST /status/servers": (ADMINISTRATORS, lambda _: {"csv": "server\nweb-1\n"}),
    "GET /plans": (ALL, nothing),
    "POST /plans": (WRITERS, lambda _: {"text": plan_text(key="another")}),
    "GET /plans/{plan_id}": (ALL, nothing),
    "GET /plans/{plan_id}/versions": (ALL, nothing),
    "GET /plans/{plan_id}/versions/{number}": (ALL, nothing),
    "POST /plans/{plan_id}/versions/{number}/submit": (WRITERS, nothing),
    "POST /plans/{plan_id}/versions/{number}/publish": (RUNNERS, lambda _: {"digest": "0" * 64}),
    "POST /plans/{plan_id}/versions/{number}/reject": (RUNNERS, lambda _: {"reason": "Who calls?"}),
    "POST /plans/{plan_id}/runs": (RUNNERS, nothing_said),
    "GET /runs": (ALL, nothing),
    "GET /runs/{run_id}": (ALL, nothing),
    "GET /runs/{run_id}/log": (ALL, nothing),
    "GET /runs/{run_id}/approvals": (ALL, nothing),
    "GET /runs/{run_id}/evidence": (ALL, nothing),
    "GET /runs/{run_id}/steps/{step}/targets": (ALL, nothing),
    "POST /runs/{run_id}/steps": (RUNNERS, lambda _: {"title": "Feed the cat"}),
    "POST /runs/{run_id}/stop": (RUNNERS, nothing),
    "POST /runs/{run_id}/pause": (RUNNERS, nothing),
    "POST /runs/{run_id}/resume": (RUNNERS, nothing),
    "POST /runs/{run_id}/undo": (RUNNERS, lambda _: {"reason": "It was wrong."}),
    "POST /runs/{run_id}/inputs": (RUNNERS, lambda _: {"inputs": {}}),
    "POST /runs/{run_id}/steps/{step}/start": (RUNNERS, nothing),
    "POST /runs/{run_id}/steps/{step}/complete": (RUNNERS, nothing),
    "POST /runs/{run_id}/steps/{step}/evidence": (RUNNERS, lambda _: {"note": "The light is green."}),
    "POST /runs/{run_id}/steps/{step}/lines": (RUNNERS, lambda _: {"answers": []}),
    "POST /runs/{run_id}/steps/{step}/choose": (RUNNERS, lambda _: {"option": "left"}),
    "POST /runs/{run_id}/steps/{step}/approve": (ALL, lambda _: {"digest": "0" * 64}),
    "POST /runs/{run_id}/steps/{step}/deny": (ALL, lambda _: {"digest": "0" * 64}),
    "POST /runs/{run_id}/steps/{step}/skip": (RUNNERS, lambda _: {"reason": "Not needed."}),
    "POST /runs/{run_id}/steps/{step}/fail": (RUNNERS, lambda _: {"reason": "No way."}),
    "POST /runs/{run_id}/steps/{step}/reassign": (RUNNERS, lambda w: {"person": str(w.company.otto.pk)}),
    "POST /runs/{run_id}/steps/{step}/retry": (RUNNERS, nothing),
    "POST /runs/{run_id}/steps/{step}/settle": (RUNNERS, lambda _: {"as": "done", "reason": "I looked."}),
    "GET /resets": (ALL, nothing),
    "POST /resets": (
        RUNNERS,
        lambda w: {"title": "All", "cutoff": "2026-11-22T03:00:00Z", "systems": [w.reset.systems.all()[0].key]},
    ),
    "POST /resets/notices/bounces": (ADMINISTRATORS, lambda _: {"addresses": ["gone@customer.example"]}),
    "GET /resets/{reset_id}": (ALL, nothing),
    "GET /resets/{reset_id}/exceptions": (ALL, nothing),
    "GET /resets/{reset_id}/report": (ALL, nothing),
    "GET /resets/{reset_id}/accounts.{form}": (RUNNERS, nothing),
    "POST /resets/{reset_id}/pause": (RUNNERS, lambda _: {"reason": "The helpdesk drowns."}),
    "POST /resets/{reset_id}/resume": (RUNNERS, nothing),
    "POST /resets/{reset_id}/abort": (RUNNERS, lambda _: {"reason": "The wrong cutoff."}),
    "POST /resets/{reset_id}/close": (RUNNERS, nothing),
    "POST /resets/{reset_id}/release": (RUNNERS, lambda _: {"phase": "disable"}),
    "POST /resets/{reset_id}/open-wave": (RUNNERS, lambda _: {"phase": "disable", "wave": 1}),
    "POST /resets/{reset_id}/retry": (RUNNERS, lambda _: {"phase": "disable"}),
    "GET /account-systems": (ALL, nothing),
    "POST /account-systems": (
        ADMINISTRATORS,
        lambda _: {"key": "panel", "name": "Panel", "kind": "http", "settings": HTTP},
    ),
    "GET /account-systems/{system}": (ALL, nothing),
    "PATCH /account-systems/{system}": (ADMINISTRATORS, lambda _: {"rate": 50}),
    "POST /account-systems/{system}/archive": (ADMINISTRATORS, nothing),
    "POST /account-systems/{system}/restore": (ADMINISTRATORS, nothing),
}

LET_IN: Final[dict[str, int]] = {
    "POST /incidents": 201,
    "POST /pages": 201,
    "POST /incidents/{incident_id}/close": 409,  # it is not resolved
    "POST /quarantine/{quarantined_id}/replay": 422,  # it still can't be understood
    "POST /heartbeats": 201,
    "POST /status/components": 201,
    "POST /status/incidents": 201,
    "POST /status/incidents/{public_incident_id}/updates": 201,
    "POST /status/updates/{update_id}/publish": 409,  # nobody has approved it
    "POST /status/overrides": 201,
    "POST /status/maintenances": 201,
    "POST /status/maintenances/{maintenance_id}/updates": 201,
    "POST /status/maintenances/{maintenance_id}/reschedule": 201,
    "POST /status/maintenances/{maintenance_id}/cancel": 201,
    "POST /status/metrics": 201,
    "POST /status/subscribers": 201,
    "POST /plans": 201,
    "POST /plans/{plan_id}/versions/{number}/submit": 409,  # it is published
    "POST /plans/{plan_id}/versions/{number}/reject": 409,
    "POST /plans/{plan_id}/runs": 201,
    "POST /runs/{run_id}/steps": 201,
    "POST /runs/{run_id}/undo": 409,  # it has done nothing that could be taken back
    "POST /runs/{run_id}/steps/{step}/lines": 409,  # the step is no pause point
    "POST /runs/{run_id}/steps/{step}/choose": 409,  # nor a decision
    "POST /runs/{run_id}/steps/{step}/approve": 409,  # nor an approval
    "POST /runs/{run_id}/steps/{step}/deny": 409,
    "POST /runs/{run_id}/steps/{step}/settle": 409,
    "POST /resets": 201,
    "POST /resets/{reset_id}/close": 409,  # a wave that somebody asked for is not done
    "POST /resets/{reset_id}/retry": 409,  # nothing failed
    "POST /account-systems": 201,
    "POST /account-systems/{system}/archive": 409,  # a reset that is not over works on it
}
"""What who is let in is answered, where that is not 200."""


def calls() -> list[str]:
    """Return every call that the router knows."""
    paths = api.get_openapi_schema(path_prefix="/")["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


def test_every_call_has_an_expectation_and_every_expectation_a_call() -> None:
    assert sorted(EXPECTED) == sorted(calls())


def address(path: str, world: World) -> str:
    known = {
        "{incident_id}": str(world.incident.pk),
        "{page_id}": str(world.page.pk),
        "{quarantined_id}": str(world.quarantined.pk),
        "{heartbeat_id}": str(world.heartbeat.pk),
        "{person_id}": str(world.company.ada.pk),
        "{component_id}": world.component.pk,
        "{public_incident_id}": world.public_incident.pk,
        "{update_id}": world.update.pk,
        "{maintenance_id}": world.maintenance.pk,
        "{metric_id}": world.metric.pk,
        "{subscriber_id}": str(world.subscriber.pk),
        "{customer_id}": str(world.customer.pk),
        "{run_id}": str(world.run.pk),
        "{plan_id}": world.run.plan.key,
        "{step}": "look",
        "{number}": "1",
        "{reset_id}": str(world.reset.pk),
        "{form}": "jsonl",
        "{system}": world.reset.systems.all()[0].key,
    }
    for part, value in known.items():
        path = path.replace(part, value)
    return path + ("?subject=settings:keys" if path == "/ledger" else "")


@pytest.mark.parametrize("call", sorted(EXPECTED))
def test_a_call_lets_in_whom_it_should(call: str) -> None:
    world = make_world()
    allowed, body = EXPECTED[call]
    method, _, path = call.partition(" ")
    answered = {}
    for role in Role.values:
        person = make_person(f"Somebody {role}", role=Role(role))
        caller = calling_as(person)
        with transaction.atomic():
            answered[role] = caller.call(method, address(path, world), body(world)).status_code
            transaction.set_rollback(True)
    assert answered == {role: LET_IN.get(call, 200) if role in allowed else 403 for role in Role.values}
    nobody = Caller().call(method, address(path, world), body(world))
    assert nobody.status_code == 401
    assert nobody["WWW-Authenticate"].startswith("Bearer")


ROLE_FIRST: Final = [
    "POST /incidents/{incident_id}/resolve",
    "POST /incidents/{incident_id}/notes",
    "POST /pages/{page_id}/reassign",
    "POST /quarantine/{quarantined_id}/replay",
]


@pytest.mark.parametrize("call", ROLE_FIRST)
def test_a_role_that_may_not_act_learns_nothing_of_what_exists(call: str) -> None:
    stranger, path = calling_as(make_person("Leo")), call.partition(" ")[2]
    body = EXPECTED[call][1](make_world())
    for id_ in ("999999", "nonsense", str(uuid4())):
        for part in ("{incident_id}", "{page_id}", "{quarantined_id}"):
            path = path.replace(part, id_)
        assert stranger.call("POST", path, body).status_code == 403


def test_a_revoked_token_and_a_person_who_left_are_nobody() -> None:
    mia = make_person("Mia")
    caller = calling_as(mia)
    assert caller.get("/people/me")["id"] == str(mia.pk)
    Person.objects.filter(pk=mia.pk).update(is_active=False)
    caller.get("/people", status=401)
    Person.objects.filter(pk=mia.pk).update(is_active=True)
    mia.api_tokens.update(revoked_at="2026-11-22T03:00Z")
    caller.get("/people", status=401)


def test_a_signed_in_browser_reads_and_never_changes() -> None:
    mia, browser = make_person("Mia"), Client()
    browser.force_login(mia, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/api/v1/people/me").json()["id"] == str(mia.pk)
    given = {"title": "Forged by another site"}
    assert browser.post("/api/v1/incidents", given, content_type="application/json").status_code == 401
    foreign = browser.get("/api/v1/people/me", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 401
    assert not Incident.objects.exists()


class TestPrivate:
    """A private incident does not exist for those who may not know of it."""

    @pytest.fixture
    def world(self) -> World:
        return make_world()

    @pytest.fixture
    def secret(self, world: World) -> Incident:
        incident = make_incident("Break-in", severity=2, private=True, now=clock.now())
        run_once("pages", now=clock.now())
        world.alert.incident = incident
        world.alert.save()
        return incident

    @pytest.mark.parametrize("call", [call for call in sorted(EXPECTED) if "{incident_id}" in call])
    def test_every_call_of_it_is_answered_404(self, world: World, secret: Incident, call: str) -> None:
        stranger = calling_as(world.company.mia)
        method, _, path = call.partition(" ")
        for name in (str(secret.pk), str(secret.number)):
            body = EXPECTED[call][1](world)
            assert stranger.call(method, path.replace("{incident_id}", name), body).status_code == 404

    def test_no_list_shows_it_to_strangers_and_every_list_to_those_who_were_called(
        self, world: World, secret: Incident
    ) -> None:
        stranger, called = calling_as(world.company.mia), calling_as(world.company.otto)
        auditor = calling_as(make_person("Leo"))
        for path, marks in (
            ("/incidents", lambda item: item["id"] == str(secret.pk)),
            ("/pages", lambda item: item["incident_id"] == str(secret.pk)),
            ("/deliveries", lambda item: item["page_id"] in pages_of(secret)),
            ("/alerts", lambda item: item["incident_id"] == str(secret.pk)),
            ("/events", lambda item: item["alert_id"] == str(world.alert.pk)),
        ):
            assert not any(marks(item) for item in stranger.items(path)), path
            assert any(marks(item) for item in called.items(path)), path
            assert any(marks(item) for item in auditor.items(path)), path

    def test_filters_and_bodies_do_not_give_it_away(self, world: World, secret: Incident) -> None:
        stranger = calling_as(world.company.mia)
        for path in ("/pages", "/deliveries", "/alerts"):
            stranger.get(f"{path}?incident={secret.number}", status=404)
        (page_id,) = pages_of(secret)
        stranger.get(f"/pages/{page_id}", status=404)
        stranger.get(f"/pages/{page_id}/tale", status=404)
        stranger.post(f"/pages/{page_id}/acknowledge", status=404)
        stranger.get(f"/deliveries?page={page_id}", status=404)
        given = {"title": "What is it?", "person": world.company.otto.email}
        missing = stranger.post("/pages", given | {"incident": "999999"}, status=422)
        hidden = stranger.post("/pages", given | {"incident": str(secret.number)}, status=422)
        assert hidden == missing
        missing = stranger.post(f"/incidents/{world.incident.pk}/merge", {"into": "999999"}, status=422)
        hidden = stranger.post(f"/incidents/{world.incident.pk}/merge", {"into": str(secret.pk)}, status=422)
        assert hidden == missing

    def test_the_screen_of_a_page_keeps_it_too(self, world: World, secret: Incident) -> None:
        (page_id,) = pages_of(secret)
        for person, status in ((world.company.mia, 404), (world.company.otto, 200)):
            browser = Client()
            browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
            assert browser.get(f"/pages/{page_id}/").status_code == status


def pages_of(incident: Incident) -> set[str]:
    return {str(pk) for pk in Page.objects.filter(subject=incident.subject).values_list("pk", flat=True)}
