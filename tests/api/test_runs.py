"""Runs in the API, as a program follows one from its start to its end."""

from __future__ import annotations

from typing import Any

import pytest

from eap.models import LogLine, Run
from engine import clock
from incidents.models import Incident
from people.models import Person
from tests.api.calling import calling_as
from tests.builders import make_person, make_tier
from tests.eap.runs.builders import at, begin, chain, fresh, make_incident, make_version, step

pytestmark = pytest.mark.django_db

INPUT = {"host": {"type": "text", "title": "Host"}}


@pytest.fixture
def otto() -> Person:
    """A responder: may run plans."""
    return make_person("Otto")


def test_a_run_is_started_followed_and_ended(otto: Person) -> None:
    version = make_version(chain(step("look", due="10m"), step("mend")), inputs=INPUT)
    caller = calling_as(otto)
    incident = make_incident()
    run = caller.post(
        f"/plans/{version.plan.key}/runs",
        {"inputs": {"host": "web1"}, "incident": str(incident.number), "drill": True},
        status=201,
    )
    assert (run["state"], run["plan"], run["version"], run["drill"]) == ("running", version.plan.key, 1, True)
    assert run["incident_id"] == str(incident.pk)
    first = run["steps"][0]
    shown = ("id", "title", "kind", "state", "role", "person", "due_at", "started_at", "ended_at")
    assert set(shown) <= first.keys()
    assert (first["id"], first["kind"], first["state"], first["planned_s"]) == ("look", "manual", "ready", 600)
    path = f"/runs/{run['id']}"
    assert caller.post(f"{path}/steps/look/start")["steps"][0]["person"]["id"] == str(otto.pk)
    caller.post(f"{path}/steps/look/complete", {"note": "All green", "facts": {"lamps": 3}})
    assert caller.post(f"{path}/pause")["state"] == "paused"
    assert caller.post(f"{path}/resume")["state"] == "running"
    caller.post(f"{path}/steps/mend/skip", {}, status=422)
    assert caller.post(f"{path}/steps/mend/skip", {"reason": "It mended itself"})["state"] == "done"
    assert [each["text"] for each in caller.get(f"{path}/evidence")] == ["All green"]
    assert caller.get(path)["steps"][0]["facts"] == {"lamps": 3}
    assert [each["id"] for each in caller.items("/runs?state=done&drill=true")] == [run["id"]]
    assert caller.items("/runs?state=open") == []
    assert caller.items(f"/runs?incident={incident.number}&plan={version.plan.key}") != []


def test_inputs_that_can_not_be_used_are_named(otto: Person) -> None:
    version = make_version([step("look")], inputs=INPUT)
    path = f"/plans/{version.plan.pk}/runs"
    refused = calling_as(otto).post(path, {"inputs": {"hots": "web1"}}, status=422)
    assert refused["errors"] == {"inputs.hots": "This plan has no input 'hots'.", "inputs.host": "Host is needed."}
    calling_as(otto).post("/plans/nowhere/runs", {}, status=404)
    assert not Run.objects.exists()


def test_two_vps_approve_exactly_what_they_see(otto: Person) -> None:
    vic, vera = make_person("Vic"), make_person("Vera")
    make_tier("vp", vic, vera)
    approval: dict[str, Any] = {"roles": ["vp"], "count": 2, "of": "Wipe {inputs.host}."}
    version = make_version(
        [step("agree", "approval", approval=approval)], roles={"vp": {"title": "VP", "tier": "vp"}}, inputs=INPUT
    )
    run = begin(version, who=otto, inputs={"host": "web1"}, now=clock.now())
    path = f"/runs/{run.pk}"
    for person in (vic, vera):
        (waiting,) = calling_as(person).get(f"{path}/approvals")
        assert (waiting["text"], waiting["count"], waiting["basis"]["inputs"]) == ("Wipe web1.", 2, {"host": "web1"})
        calling_as(person).post(f"{path}/steps/agree/approve", {"digest": "0" * 64}, status=409)
        calling_as(person).post(f"{path}/steps/agree/approve", {"digest": waiting["digest"]})
    assert fresh(run).state == "done"


def test_a_token_is_no_second_factor(otto: Person) -> None:
    vic = make_person("Vic")
    approval: dict[str, Any] = {"roles": ["vp"], "destructive": True}
    version = make_version(
        [step("agree", "approval", approval=approval)], roles={"vp": {"title": "VP", "person": vic.email}}
    )
    run = begin(version, who=otto, now=clock.now())
    (waiting,) = calling_as(vic).get(f"/runs/{run.pk}/approvals")
    refused = calling_as(vic).post(f"/runs/{run.pk}/steps/agree/approve", {"digest": waiting["digest"]}, status=409)
    assert "second factor" in refused["detail"]


def test_a_log_is_followed_by_cursor(otto: Person) -> None:
    run = begin(make_version([step("look"), step("mend")]), who=otto)
    for number in range(5):
        LogLine.objects.create(run=run, step=at(run, "look"), at=clock.now(), text=f"line {number}")
    LogLine.objects.create(run=run, step=at(run, "mend"), at=clock.now(), text="another")
    caller = calling_as(otto)
    page = caller.get(f"/runs/{run.pk}/log?limit=4")
    assert [line["text"] for line in page["items"]] == [f"line {number}" for number in range(4)]
    rest = caller.get(f"/runs/{run.pk}/log?cursor={page['next']}")
    assert [line["text"] for line in rest["items"]] == ["line 4", "another"]
    assert [line["text"] for line in caller.items(f"/runs/{run.pk}/log?step=mend")] == ["another"]


def test_ones_own_step_needs_no_capability_and_others_do() -> None:
    cam, leo = make_person("Cam"), make_person("Leo")
    roles = {"com": {"title": "COM", "person": cam.email}}
    run = begin(make_version([step("tell", role="com")], roles=roles))
    calling_as(leo).post(f"/runs/{run.pk}/steps/tell/complete", status=403)
    calling_as(cam).post(f"/runs/{run.pk}/stop", status=403)
    assert calling_as(cam).post(f"/runs/{run.pk}/steps/tell/complete")["state"] == "done"


def test_a_private_incidents_run_does_not_exist_for_strangers(otto: Person) -> None:
    olga, ada = make_person("Olga"), make_person("Ada")
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(private=True)
    incident.refresh_from_db()
    run = begin(
        make_version([step("look", role="ops")], roles={"ops": {"title": "OPS", "person": otto.email}}),
        incident=incident,
    )
    stranger = calling_as(olga)
    for path in ("", "/log", "/approvals", "/evidence", "/steps/look/targets"):
        stranger.get(f"/runs/{run.pk}{path}", status=404)
    stranger.post(f"/runs/{run.pk}/steps/look/complete", status=404)
    assert stranger.items("/runs") == []
    assert [each["id"] for each in calling_as(ada).items("/runs")] == [str(run.pk)]
    assert calling_as(otto).get(f"/runs/{run.pk}")["state"] == "running", "whoever has a step in it knows it"
