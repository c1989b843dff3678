"""Incidents by the API: what is given, what is answered, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import clock
from engine.duties import run_once
from incidents.models import Incident
from notifications.models import Page
from tests.api.calling import Caller, calling_as
from tests.builders import make_person
from tests.incidents.builders import Company, make_company, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def mia(company: Company) -> Caller:
    return calling_as(company.mia)


def declared(caller: Caller, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = caller.post("/incidents", {"title": "Mail is late"} | given, status=201)
    return answer


def test_a_title_is_enough(mia: Caller, company: Company) -> None:
    answer = declared(mia)
    assert answer["number"] > 0
    assert answer["status"] == "triage"
    assert answer["severity"] == "SEV3"
    assert answer["type"] == "other"
    assert answer["muster_state"] == "none"
    assert answer["declared_by"] == {"id": str(company.mia.pk), "name": "Mia"}
    assert answer["declared_via"] == "api"
    assert answer["opened_at"].endswith(("Z", "+00:00"))
    assert Incident.objects.get(pk=answer["id"]).declared_by == company.mia


def test_everything_may_be_said_at_once(mia: Caller) -> None:
    service = make_service("mail")
    for name in ("mail", str(service.pk)):
        answer = declared(mia, severity="SEV1", type="mail", summary="Since noon", service=name, private=True)
        assert answer["severity"] == "SEV1"
        assert answer["muster_state"] == "gathering"
        assert (answer["service"], answer["summary"], answer["private"]) == ("mail", "Since noon", True)


@pytest.mark.parametrize("severity", ["SEV2", "sev2", "2", 2])
def test_a_severity_may_be_written_as_people_do(mia: Caller, severity: Any) -> None:
    assert declared(mia, severity=severity)["severity"] == "SEV2"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"title": None}, "title"),
        ({"title": 5}, "title"),
        ({"severity": "SEV5"}, "severity"),
        ({"severity": 0}, "severity"),
        ({"severity": True}, "severity"),
        ({"severity": 1.5}, "severity"),
        ({"severity": 10**40}, "severity"),
        ({"type": "nonsense"}, "type"),
        ({"service": "nonsense"}, "service"),
        ({"service": "9" * 30}, "service"),
        ({"summary": "a\0b"}, "summary"),
        ({"private": "perhaps"}, "private"),
    ],
)
def test_what_cannot_be_used_is_named(mia: Caller, given: dict[str, Any], field: str) -> None:
    answer = mia.post("/incidents", {"title": "Mail is late"} | given, status=422)
    assert list(answer["errors"]) == [field]
    assert not Incident.objects.exists()


@pytest.mark.parametrize("body", ["{", b"\xff", "[" * 100_000])
def test_what_is_no_json_is_refused(mia: Caller, body: Any) -> None:
    assert mia.post("/incidents", body, status=400)["detail"] == "Cannot parse request body"


def test_a_body_beyond_all_measure_is_refused(mia: Caller) -> None:
    given = json.dumps({"title": "Mail is late", "summary": "x" * 3_000_000})
    for key in ("", "night-1"):
        answer = mia.call("POST", "/incidents", given, key=key)
        assert answer.status_code == 413
        assert answer["Content-Type"] == "application/problem+json"
    assert not Incident.objects.exists()


@pytest.mark.parametrize("body", ["[]", "5", '"title"', "null", ""])
def test_what_is_no_object_is_refused(mia: Caller, body: str) -> None:
    mia.post("/incidents", body, status=422)


def test_a_key_makes_declaring_safe_to_repeat(mia: Caller, company: Company) -> None:
    given = {"title": "Mail is late"}
    first = mia.post("/incidents", given, key="night-1", status=201)
    again = mia.call("POST", "/incidents", given, key="night-1")
    assert (again.status_code, again.json()) == (201, first)
    assert again["Idempotency-Replayed"] == "true"
    assert Incident.objects.count() == 1
    mia.post("/incidents", {"title": "Something else"}, key="night-1", status=422)
    calling_as(company.max).post("/incidents", given, key="night-1", status=201)
    mia.post("/incidents", given, status=201)
    assert Incident.objects.count() == 3


def test_a_verb_may_be_repeated_with_a_key_too(mia: Caller) -> None:
    id_ = declared(mia)["id"]
    for _ in range(2):
        mia.post(f"/incidents/{id_}/notes", {"text": "The queue is full."}, key="note-1")
    assert [line["verb"] for line in mia.items(f"/incidents/{id_}/timeline")].count("incident.noted") == 1


def test_the_whole_life(mia: Caller, company: Company) -> None:
    id_ = declared(mia)["id"]
    at = f"/incidents/{id_}"
    assert mia.post(f"{at}/status", {"status": "investigating", "note": "Looking"})["status"] == "investigating"
    assert mia.post(f"{at}/severity", {"severity": "SEV2", "reason": "All of it"})["severity"] == "SEV2"
    taken = mia.post(f"{at}/roles", {"role": "commander", "person": company.max.email.upper()})
    assert [(r["role"], r["person"]["name"]) for r in taken["roles"]] == [("commander", "Max")]
    assert mia.post(f"{at}/roles", {"role": "Incident commander", "person": None})["roles"] == []
    mia.post(f"{at}/responders", {"people": [str(company.sid.pk)]})
    assert Page.objects.filter(subject=f"incident:{id_}", purpose="responders").count() == 1
    resolved = mia.post(f"{at}/resolve", {"note": "Restarted"})
    assert resolved["status"] == "resolved"
    assert resolved["resolved_at"]
    assert mia.post(f"{at}/close")["status"] == "closed"
    assert mia.post(f"{at}/reopen", {"reason": "Again"})["status"] == "investigating"
    lines = mia.items(f"{at}/timeline")
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert {"seq", "at", "verb", "sentence", "text", "who", "via"} <= lines[0].keys()
    assert {line["via"] for line in lines if line["who"] == "Mia"} == {"api"}
    assert [line["text"] for line in lines if line["text"]] == ["Looking", "All of it", "Restarted", "Again"]


def test_a_status_of_an_ending_is_that_ending(mia: Caller) -> None:
    at = f"/incidents/{declared(mia)['id']}"
    assert mia.post(f"{at}/status", {"status": "resolved"})["resolved_at"]
    assert "Reopen" in mia.post(f"{at}/status", {"status": "investigating"}, status=409)["detail"]
    assert "status" in mia.post(f"{at}/status", {"status": "nonsense"}, status=422)["errors"]
    mia.post(f"{at}/severity", {"severity": "SEV1"}, status=409)
    mia.post(f"{at}/decline", status=409)


def test_declining(mia: Caller) -> None:
    answer = mia.post(f"/incidents/{declared(mia)['id']}/decline", {"reason": "A drill"})
    assert answer["status"] == "declined"


def test_merging_says_where_it_goes_on(mia: Caller) -> None:
    one, two = declared(mia), declared(mia, title="Mail is lost")
    answer = mia.post(f"/incidents/{one['id']}/merge", {"into": str(two["number"])})
    assert (answer["status"], answer["merged_into"]) == ("merged", two["id"])
    assert "itself" in mia.post(f"/incidents/{two['id']}/merge", {"into": two["id"]}, status=409)["detail"]
    assert "into" in mia.post(f"/incidents/{two['id']}/merge", {"into": "nonsense"}, status=422)["errors"]


@pytest.mark.parametrize(
    ("verb", "given", "field"),
    [
        ("roles", {"role": "king", "person": None}, "role"),
        ("roles", {"role": "commander", "person": "nobody@harbor.example"}, "person"),
        ("roles", {"role": "commander"}, "person"),
        ("notes", {"text": " "}, "text"),
        ("notes", {"text": "x" * 20_001}, "text"),
        ("notes", {}, "text"),
        ("responders", {"people": []}, "people"),
        ("responders", {"people": ["nonsense"]}, "people"),
        ("responders", {"people": ["x"] * 101}, "people"),
        ("severity", {"severity": "high"}, "severity"),
        ("status", {}, "status"),
    ],
)
def test_what_a_verb_cannot_use_is_named(mia: Caller, verb: str, given: dict[str, Any], field: str) -> None:
    answer = mia.post(f"/incidents/{declared(mia)['id']}/{verb}", given, status=422)
    assert list(answer["errors"]) == [field]


@pytest.mark.parametrize("name", ["999999999", "9" * 40, "nonsense", "0c4f2b1e-0000-4000-8000-000000000000", "%00"])
def test_an_unknown_id_is_answered_404(mia: Caller, name: str) -> None:
    for method, path in (("GET", ""), ("GET", "/timeline"), ("GET", "/muster"), ("POST", "/resolve")):
        assert mia.call(method, f"/incidents/{name}{path}").status_code == 404


def test_a_number_does_for_an_id(mia: Caller) -> None:
    answer = declared(mia)
    assert mia.get(f"/incidents/{answer['number']}") == answer


def test_a_wrong_method_and_an_unknown_address_are_problems(mia: Caller) -> None:
    refused = mia.call("DELETE", "/incidents")
    assert (refused.status_code, refused["Content-Type"]) == (405, "application/problem+json")
    mia.get("/nonsense", status=404)


def test_lists_are_filtered(mia: Caller) -> None:
    open_, ended = declared(mia, severity="SEV2"), declared(mia)
    mia.post(f"/incidents/{ended['id']}/resolve")

    def shown(query: str) -> list[str]:
        return [item["id"] for item in mia.items(f"/incidents?{query}")]

    assert shown("") == shown("status=&severity=") == [ended["id"], open_["id"]]
    assert shown("status=open") == shown("severity=SEV2") == shown("severity=2") == [open_["id"]]
    assert shown("status=resolved") == shown("severity=SEV3&status=resolved") == [ended["id"]]
    assert list(mia.get("/incidents?status=nonsense", status=422)["errors"]) == ["status"]
    assert list(mia.get("/incidents?severity=SEV9", status=422)["errors"]) == ["severity"]


def test_the_muster_has_the_agreed_shape(company: Company, mia: Caller) -> None:
    answer = declared(mia, severity="SEV1")
    run_once("pages", now=clock.now())
    board = mia.get(f"/incidents/{answer['id']}/muster")
    assert board.keys() >= {"state", "started_at", "completed_at", "time_to_muster_s", "tiers"}
    assert (board["state"], board["completed_at"], board["time_to_muster_s"]) == ("gathering", None, None)
    assert [tier["name"] for tier in board["tiers"]] == ["CEO", "VP", "MANAGER", "ON_CALL"]
    for tier in board["tiers"]:
        assert tier.keys() >= {"name", "quorum", "deadline", "state", "people"}
        for seat in tier["people"]:
            assert seat.keys() >= {"person", "state", "confirmed_at", "via", "stands_in_for"}
            assert seat["person"].keys() == {"id", "name"}
    ceo = board["tiers"][0]["people"][0]
    assert (ceo["person"]["name"], ceo["state"], ceo["confirmed_at"]) == ("Ada", "called", None)


def test_a_muster_is_complete_by_answers_of_ones_own_tokens(company: Company, mia: Caller) -> None:
    id_ = declared(mia, severity="SEV1")["id"]
    run_once("pages", now=clock.now())
    for person in (company.ada, company.vic, company.max, company.otto):
        caller = calling_as(person)
        for page in caller.items(f"/pages?incident={id_}&person={person.pk}"):
            caller.post(f"/pages/{page['id']}/acknowledge")
    run_once("musters", now=clock.now())
    board = mia.get(f"/incidents/{id_}/muster")
    assert board["state"] == "complete"
    assert board["time_to_muster_s"] >= 0
    assert mia.get(f"/incidents/{id_}")["muster_state"] == "complete"
    seats = {seat["person"]["name"]: seat for tier in board["tiers"] for seat in tier["people"]}
    assert (seats["Ada"]["state"], seats["Ada"]["via"]) == ("confirmed", "api")
    assert seats["Ada"]["confirmed_at"]


def test_an_incident_without_leaders_has_an_empty_muster(mia: Caller) -> None:
    board = mia.get(f"/incidents/{declared(mia)['id']}/muster")
    assert (board["state"], board["started_at"], board["tiers"]) == ("none", None, [])


def test_services_and_readiness(company: Company, mia: Caller) -> None:
    make_service("dns", company.otto)
    (service,) = mia.items("/services")
    assert (service["key"], service["name"], service["policy"]) == ("dns", "Dns", "Policy of dns")
    make_person("Sue", methods=())
    report = mia.get("/readiness")
    assert report.keys() == {"at", "ready", "broken", "weak", "findings"}
    assert report["findings"][0].keys() == {"check", "grade", "sentence", "todo", "subject", "name"}
