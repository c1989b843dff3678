"""Resets and account systems in the API, as a program describes a system, makes a reset and follows it."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from engine import clock
from incidents.models import Incident
from ledger.queries import entries
from people.models import Person, Role
from resets.models import NoticeLetter, Reset, System, Wave
from tests.api.calling import calling_as
from tests.api.world import HTTP
from tests.builders import make_person
from tests.eap.runs.builders import begin, make_incident, make_version, step
from tests.resets.engine import memory
from tests.resets.engine.builders import make_reset, work
from tests.resets.engine.conftest import _memory, _no_hasher_is_left  # noqa: F401  (used by name)
from tests.resets.screens.night import BROKEN, draft, make_night

pytestmark = pytest.mark.django_db

PANEL: Final = {"key": "panel", "name": "Panel", "kind": "http", "settings": HTTP}


@pytest.fixture
def otto(db: None) -> Person:
    """A responder: may run plans, and so resets."""
    return make_person("Otto", role=Role.RESPONDER)


@pytest.fixture
def vera(db: None) -> Person:
    """Who asked for the reset."""
    return make_person("Vera", role=Role.EXECUTIVE)


@pytest.fixture
def ada(db: None) -> Person:
    return make_person("Ada", role=Role.ADMINISTRATOR)


def test_a_system_is_described_changed_and_put_away(ada: Person) -> None:
    caller = calling_as(ada)
    made = caller.post("/account-systems", {**PANEL, "trusts_mail": False}, status=201)
    assert made["settings"] == HTTP, "a secret stands there by its name"
    assert (made["trusts_mail"], made["at_once"], made["rate"]) == (False, 2, None)
    changed = caller.call("PATCH", "/account-systems/panel", {"name": "The panel", "rate": 50}).json()
    assert {**made, "name": "The panel", "rate": 50} == changed, "what is not given stays"
    assert caller.call("PATCH", f"/account-systems/{made['id']}", {"rate": None}).json()["rate"] is None
    assert caller.post("/account-systems/panel/archive")["archived_at"] is not None
    assert caller.items("/account-systems") == []
    assert [each["key"] for each in caller.items("/account-systems?archived=true&kind=http")] == ["panel"]
    assert caller.post("/account-systems/panel/restore")["archived_at"] is None
    verbs = [entry.verb for entry in entries("settings:account-systems")]
    assert verbs == ["system.saved", "system.saved", "system.saved", "system.archived", "system.restored"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "abacus"}, "kind"),
        ({"key": "Two Words"}, "key"),
        ({"settings": {"url": "ftp://panel", "secret": "panel_key"}}, "settings"),
        ({"settings": HTTP | {"password": "hunter2"}}, "settings"),
        ({"settings": HTTP | {"url": "https://panel/\0"}}, "settings"),
        ({"at_once": 0}, "at_once"),
        ({"rate": -1}, "rate"),
    ],
)
def test_what_can_not_be_used_is_named(ada: Person, given: dict[str, Any], field: str) -> None:
    refused = calling_as(ada).post("/account-systems", PANEL | given, status=422)
    assert list(refused["errors"]) == [field]
    assert "hunter2" not in json.dumps(refused), "what somebody took for a field may be a password"
    assert not System.objects.exists()


def test_a_change_to_nothing_is_refused(ada: Person) -> None:
    caller = calling_as(ada)
    caller.post("/account-systems", PANEL, status=201)
    refused = caller.call("PATCH", "/account-systems/panel", {"name": None, "drill": None})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"name", "drill"})


def test_a_reset_is_made_as_a_draft_whose_gates_others_open(ada: Person, otto: Person) -> None:
    calling_as(ada).post("/account-systems", PANEL, status=201)
    given = {
        "title": "All passwords",
        "cutoff": "2026-11-22T03:00:00+01:00",
        "systems": ["panel"],
        "selection": {"hosts": ["web1"], "canary": ["probe"]},
        "limits": {"wave": {"failures": 5}, "total": {"percent": 1}},
    }
    made = calling_as(otto).post("/resets", given, status=201)
    assert (made["state"], made["systems"], made["accounts"], made["phases"]) == ("draft", ["panel"], 0, [])
    assert made["selection"]["hosts"] == ["web1"]
    reset = Reset.objects.get(pk=made["id"])
    assert (reset.gates_open, reset.created_by) == (False, otto)
    assert (reset.wave_limit, reset.total_limit) == ({"failures": 5}, {"percent": 1})
    refused = calling_as(otto).post("/resets", given | {"systems": ["panel", "none"]}, status=422)
    assert refused["errors"] == {"systems": "There is no account system none."}
    in_future = calling_as(otto).post("/resets", given | {"cutoff": "2199-01-01T00:00:00Z"}, status=422)
    assert list(in_future["errors"]) == ["cutoff"]
    real = calling_as(otto).post("/resets", given | {"drill": True}, status=422)
    assert "not" in real["errors"]["systems"]


def test_it_is_followed_by_phase_wave_host_and_cause(vera: Person, otto: Person) -> None:
    reset = make_night(vera)
    caller = calling_as(otto)
    found = caller.get(f"/resets/{reset.pk}")
    disable, lock = found["phases"]
    assert disable["counts"] == {
        "accounts": 100,
        "applied": 99,
        "unchanged": 0,
        "skipped": 0,
        "missed": 1,
        "left": 0,
    }
    assert (disable["causes"][0]["cause"], disable["causes"][0]["accounts"]) == ("no_such_home", 1)
    assert {(each["host"], each["away"]) for each in disable["hosts"]} == {("web1", False), ("web2", True)}
    shut = [wave["number"] for wave in lock["waves"] if wave["wanted"] and wave["gate"] == "shut"]
    assert shut == [1]
    (row,) = caller.items(f"/resets/{reset.pk}/exceptions?phase=disable&cause=no_such_home&state=failed")
    assert (row["login"], row["phase"], row["sentence"]) == (BROKEN, "disable", "Its home directory is gone.")
    assert caller.items(f"/resets/{reset.pk}/exceptions?phase=lock") == []
    assert [each["id"] for each in caller.items("/resets?state=open&drill=false")] == [str(reset.pk)]
    assert caller.items("/resets?state=done") == []


def test_another_reset_of_the_same_hosts_is_told_of(vera: Person, otto: Person) -> None:
    older = make_night(vera)
    system = older.systems.get()
    newer = make_reset(systems=[system], shards=["web2", "web3"])
    (found,) = calling_as(otto).get(f"/resets/{newer.pk}")["overlaps"]
    assert (found["reset_id"], found["state"], found["ended_at"]) == (str(older.pk), "running", None)
    assert found["shared"] == [{"system": system.key, "hosts": ["web2"]}]
    assert older.title in found["sentence"]
    (back,) = calling_as(otto).get(f"/resets/{older.pk}")["overlaps"]
    assert back["reset_id"] == str(newer.pk)


def test_a_token_opens_no_gate(vera: Person, otto: Person) -> None:
    reset = make_night(vera)
    path = f"/resets/{reset.pk}/open-wave"
    refused = calling_as(otto).post(path, {"phase": "lock", "wave": 1}, status=409)
    assert "second factor" in refused["detail"]
    assert Wave.objects.get(phase__reset=reset, phase__name="lock", number=1).opened_at is None
    calling_as(otto).post(path, {"phase": "lock", "wave": 0})
    calling_as(otto).post(path, {"phase": "revoke", "wave": 0}, status=404)


def test_it_is_steered(vera: Person, otto: Person) -> None:
    reset = make_night(vera)
    caller, path = calling_as(otto), f"/resets/{reset.pk}"
    caller.post(f"{path}/pause", {"reason": ""}, status=422)
    paused = caller.post(f"{path}/pause", {"reason": "The helpdesk drowns."})
    assert (paused["state"], paused["trouble"]) == ("paused", "Paused: The helpdesk drowns.")
    caller.post(f"{path}/retry", {"phase": "disable"}, status=409)
    assert caller.post(f"{path}/resume")["state"] == "running"
    caller.post(f"{path}/retry", {"phase": "disable", "cause": "another"}, status=409)
    del memory.HELD.misses[BROKEN]
    caller.post(f"{path}/retry", {"phase": "disable", "cause": "no_such_home"})
    work(now=clock.now())
    assert caller.get(path)["phases"][0]["counts"]["missed"] == 0
    refused = caller.post(f"{path}/release", {"phase": "enable", "through": 4}, status=409)
    assert refused["detail"]
    caller.post(f"{path}/close", status=409)
    assert caller.post(f"{path}/abort", {"reason": "Wrong cutoff."})["state"] == "aborted"


def test_released_by_a_program_only_the_canary_begins(otto: Person) -> None:
    reset = make_reset(created_by=otto, gates_open=False)
    calling_as(otto).post(f"/resets/{reset.pk}/release", {"phase": "disable", "through": 4})
    work(now=clock.now())
    (phase,) = calling_as(otto).get(f"/resets/{reset.pk}")["phases"]
    assert [wave["counts"]["applied"] for wave in phase["waves"]] == [2, 0, 0, 0, 0]


def test_a_program_gets_nothing_before_the_approvals_of_a_plan(otto: Person) -> None:
    run = begin(make_version([step("look")]), who=make_person("Sid", role=Role.RESPONDER))
    reset = make_reset(created_by=otto, run=run)
    path = f"/resets/{reset.pk}/release"
    refused = calling_as(otto).post(path, {"phase": "disable", "through": 0}, status=409)
    assert "approvals come first" in refused["detail"]
    assert not reset.phases.exists()
    run.state, run.ended_at = "done", clock.now()
    run.save()
    calling_as(otto).post(path, {"phase": "disable", "through": 0})
    assert reset.phases.exists()


def test_what_proves_it_is_read_and_handed_out(vera: Person, otto: Person) -> None:
    reset = make_night(vera)
    said = calling_as(otto).get(f"/resets/{reset.pk}/report")
    assert (said["facts"]["accounts"], said["facts"]["stragglers"], said["kept"]) == (100, 100, None)
    assert len(said["fingerprint"]) == 64
    for form, lines in (("jsonl", 100), ("csv", 101)):
        answer = calling_as(otto).call("GET", f"/resets/{reset.pk}/accounts.{form}")
        assert len(b"".join(answer.streaming_content).splitlines()) == lines
        assert entries(reset.subject)[-1].payload["form"] == form
    assert calling_as(otto).call("GET", f"/resets/{reset.pk}/accounts.xml").status_code == 422


def test_reported_bounces_are_marked(vera: Person, ada: Person) -> None:
    notice = draft(make_night(vera), by=vera)
    NoticeLetter.objects.create(
        notice=notice, address="cyd@example.com", language="en", wave=0, state="sent", due_at=clock.now()
    )
    given = {"addresses": ["Cyd@example.com", "nobody@example.com"]}
    assert calling_as(ada).post("/resets/notices/bounces", given) == {"marked": 1}
    assert NoticeLetter.objects.get().state == "bounced"
    (entry,) = entries("settings:reset-notices")
    assert entry.payload == {"reported": 2, "marked": 1}


def test_a_private_incidents_reset_does_not_exist_for_strangers(vera: Person, otto: Person) -> None:
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(private=True)
    incident.refresh_from_db()
    run = begin(make_version([step("look")]), incident=incident)
    reset = make_night(vera, run=run)
    stranger = calling_as(otto)
    for path in ("", "/exceptions", "/report", "/accounts.csv"):
        stranger.get(f"/resets/{reset.pk}{path}", status=404)
    stranger.post(f"/resets/{reset.pk}/resume", status=404)
    stranger.post(f"/resets/{reset.pk}/abort", {"reason": "I wonder."}, status=404)
    assert stranger.items("/resets") == []
    stranger.get(f"/resets?run={run.pk}", status=404)
    assert [each["id"] for each in calling_as(vera).items("/resets")] == [str(reset.pk)]
    make_reset(created_by=vera)
    assert [each["id"] for each in calling_as(vera).items(f"/resets?run={run.pk}")] == [str(reset.pk)]
