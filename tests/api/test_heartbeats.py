"""Heartbeats by the API: made, changed, paused, reported to, taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from intake.models import Heartbeat
from ledger.queries import entries
from tests.api.calling import Caller, calling_as
from tests.builders import make_person
from tests.incidents.builders import make_service

pytestmark = pytest.mark.django_db
BACKUP: dict[str, Any] = {
    "name": "Nightly backup",
    "cron": "0 6 * * *",
    "time_zone": "Europe/Stockholm",
    "grace_s": 1800,
}


@pytest.fixture
def alma() -> Caller:
    return calling_as(make_person("Alma"))


def test_a_heartbeat_is_made_and_its_address_takes_reports(alma: Caller) -> None:
    service = make_service("backups")
    made = alma.post("/heartbeats", {**BACKUP, "service": "backups", "severity": "critical"}, status=201)
    assert {name: made[name] for name in BACKUP} == BACKUP
    assert (made["service"], made["severity"], made["state"]) == (service.key, "critical", "new")
    assert made["expected_at"] < made["late_at"]
    path = urlsplit(made["ping_url"]).path
    assert Client().get(f"{path}/start?rid=7").status_code == 200
    assert Client().post(f"{path}/0", b"12 GB", content_type="text/plain").content == b"OK"
    shown = alma.get(f"/heartbeats/{made['id']}")
    assert (shown["state"], shown["started_at"]) == ("up", None)
    assert shown["last_ping_at"] == shown["last_success_at"]
    newest, first = alma.items(f"/heartbeats/{made['id']}/pings")
    assert (newest["signal"], newest["exit_status"], newest["body"]) == ("success", 0, "12 GB")
    assert newest["duration_ms"] >= 0
    assert (first["signal"], first["run_id"], first["duration_ms"]) == ("start", "7", None)


def test_those_who_only_read_learn_no_address(alma: Caller) -> None:
    made = alma.post("/heartbeats", BACKUP, status=201)
    otto = calling_as(make_person("Otto"))
    assert otto.get(f"/heartbeats/{made['id']}")["ping_url"] is None
    assert [each["ping_url"] for each in otto.items("/heartbeats")] == [None]
    assert [each["ping_url"] for each in alma.items("/heartbeats?state=new")] == [made["ping_url"]]
    assert alma.items("/heartbeats?state=late") == []


def test_a_change_keeps_what_it_does_not_name(alma: Caller) -> None:
    make_service("backups")
    made = alma.post("/heartbeats", {**BACKUP, "service": "backups", "max_run_s": 600}, status=201)
    path = f"/heartbeats/{made['id']}"
    changed = alma.call("PATCH", path, {"grace_s": 60}).json()
    assert changed == {**made, "grace_s": 60, "late_at": changed["late_at"]}
    changed = alma.call("PATCH", path, {"period_s": 300}).json()
    assert (changed["period_s"], changed["cron"]) == (300, "")
    changed = alma.call("PATCH", path, {"cron": "*/5 * * * *", "service": None, "max_run_s": None}).json()
    assert (changed["period_s"], changed["cron"]) == (None, "*/5 * * * *")
    assert (changed["service"], changed["max_run_s"], changed["time_zone"]) == (None, None, "Europe/Stockholm")


def test_pausing_resuming_rotating_and_removing(alma: Caller) -> None:
    made = alma.post("/heartbeats", BACKUP, status=201)
    path = f"/heartbeats/{made['id']}"
    paused = alma.post(f"{path}/pause")
    assert (paused["state"], paused["expected_at"], paused["late_at"]) == ("paused", None, None)
    assert alma.post(f"{path}/pause")["state"] == "paused"
    assert alma.post(f"{path}/resume")["state"] == "new"
    rotated = alma.post(f"{path}/rotate")
    assert Client().get(urlsplit(made["ping_url"]).path).status_code == 404
    assert Client().get(urlsplit(rotated["ping_url"]).path).status_code == 200
    assert alma.call("DELETE", path).status_code == 200
    alma.get(path, status=404)
    assert Client().get(urlsplit(rotated["ping_url"]).path).status_code == 404
    recorded = entries("settings:heartbeats")
    assert [entry.verb.removeprefix("heartbeat.") for entry in recorded] == [
        "added",
        "paused",
        "resumed",
        "key_rotated",
        "removed",
    ]
    for address in (made["ping_url"], rotated["ping_url"]):
        assert address.rpartition("/")[2] not in str([entry.payload for entry in recorded])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"cron": ""}, "cron"),
        ({"cron": "0 25 * * *"}, "cron"),
        ({"period_s": 60}, "cron"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"grace_s": -1}, "grace_s"),
        ({"max_run_s": 10**30}, "max_run_s"),
        ({"service": "nowhere"}, "service"),
        ({"severity": "loud"}, "severity"),
    ],
)
def test_what_can_t_be_waited_for_is_refused_by_field(alma: Caller, wrong: dict[str, Any], field: str) -> None:
    refused = alma.post("/heartbeats", {**BACKUP, **wrong}, status=422)
    assert [name.rpartition(".")[2] for name in refused["errors"]] == [field]
    assert not Heartbeat.objects.exists()


def test_two_of_one_name_can_t_be_told_apart(alma: Caller) -> None:
    alma.post("/heartbeats", BACKUP, status=201)
    assert "name" in alma.post("/heartbeats", BACKUP, status=422)["errors"]
    for nonsense in ("999999", "x", "9" * 40):
        alma.get(f"/heartbeats/{nonsense}", status=404)
