"""Pages and deliveries by the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from engine import clock
from engine.duties import run_once
from incidents.operations.resolve import resolve
from ledger.actor import Actor
from notifications.models import Attempt, Delivery, Page
from tests.api.calling import Caller, calling_as
from tests.builders import make_page, make_person, make_policy
from tests.incidents.builders import Company, make_company, make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def mia(company: Company) -> Caller:
    return calling_as(company.mia)


def paged(caller: Caller, **given: Any) -> dict[str, Any]:
    """Start a page by the API and let its first level be called."""
    answer: dict[str, Any] = caller.post("/pages", {"title": "Call me"} | given, status=201)
    run_once("pages", now=clock.now())
    return answer


def test_a_person_is_paged_by_id_or_address(company: Company, mia: Caller) -> None:
    for name in (str(company.otto.pk), company.otto.email):
        answer = paged(mia, person=name, urgency="low")
        assert {"id", "incident_id", "state", "level", "round", "people"} <= answer.keys()
        assert (answer["incident_id"], answer["state"], answer["level"], answer["people"]) == (None, "paging", 0, [])
        assert answer["urgency"] == "low"
        page = mia.get(f"/pages/{answer['id']}")
        assert (page["level"], page["round"]) == (1, 1)
        assert page["people"][0]["person"] == {"id": str(company.otto.pk), "name": "Otto"}
        assert page["people"][0]["state"] == "called"


def test_what_happened_to_each_person_is_told_in_words(company: Company, mia: Caller) -> None:
    page = paged(mia, person=company.otto.email)
    for delivery in Delivery.objects.filter(page=page["id"], channel="voice"):
        for number, result in enumerate(("accepted", "no-answer")):
            at = clock.now() - timedelta(seconds=9 - number)
            Attempt.objects.create(delivery=delivery, at=at, provider="twilio", result=result)
        Delivery.objects.filter(pk=delivery.pk).update(state="failed")
    calling_as(company.otto).post(f"/pages/{page['id']}/acknowledge")
    (told,) = mia.get(f"/pages/{page['id']}/tale")["people"]
    assert told["person"]["name"] == "Otto"
    words = [each["words"] for each in told["happened"]]
    assert words == ["no answer", "confirmed by API"]
    assert {each["since"] for each in told["happened"]} == {False}


def test_a_policy_is_paged_by_id_or_name(company: Company, mia: Caller) -> None:
    policy = make_policy((60, [company.otto]), (60, [company.olga]), name="Hosting first")
    for name in (str(policy.pk), "Hosting first"):
        assert paged(mia, policy=name)["policy"] == "Hosting first"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "person"),
        ({"person": "otto", "policy": "Hosting"}, "person"),
        ({"person": "nobody@harbor.example"}, "person"),
        ({"policy": "nonsense"}, "policy"),
        ({"policy": "9" * 30}, "policy"),
        ({"person": "me@x.example", "title": " "}, "person"),
        ({"person": "me@x.example", "urgency": "loud"}, "urgency"),
        ({"person": "me@x.example", "incident": "a\0b"}, "incident"),
    ],
)
def test_what_cannot_be_used_is_named(mia: Caller, given: dict[str, Any], field: str) -> None:
    answer = mia.post("/pages", {"title": "Call me"} | given, status=422)
    assert list(answer["errors"]) == [field]
    assert not Page.objects.exists()


def test_a_title_has_to_fit_and_somebody_who_left_is_not_called(company: Company, mia: Caller) -> None:
    for title in (" ", "x" * 301):
        answer = mia.post("/pages", {"title": title, "person": company.otto.email}, status=422)
        assert list(answer["errors"]) == ["title"]
    gone = make_person("Sue", active=False)
    assert "person" in mia.post("/pages", {"title": "Call me", "person": gone.email}, status=422)["errors"]


def test_a_page_about_an_incident_is_one_of_its_pages(company: Company, mia: Caller) -> None:
    incident = make_incident(severity=2, now=clock.now())
    for name in (str(incident.pk), str(incident.number)):
        answer = paged(mia, person=company.sid.email, incident=name)
        assert answer["incident_id"] == str(incident.pk)
        assert answer["severity"] == "SEV2"
        assert answer["id"] in [page["id"] for page in mia.items(f"/pages?incident={name}")]
    with transaction.atomic():
        resolve(incident_id=incident.pk, by=Actor.system(), now=clock.now())
    page = mia.get(f"/pages/{answer['id']}")
    assert (page["state"], page["cancel_reason"]) == ("cancelled", "resolved")
    late = mia.post(
        "/pages", {"title": "Too late", "person": company.sid.email, "incident": str(incident.pk)}, status=409
    )
    assert "Reopen" in late["detail"]


def test_a_key_makes_paging_safe_to_repeat(company: Company, mia: Caller) -> None:
    given = {"title": "Call me", "person": company.otto.email}
    first = mia.post("/pages", given, key="page-1", status=201)
    assert mia.post("/pages", given, key="page-1", status=201) == first
    assert Page.objects.count() == 1


def test_a_token_answers_for_its_own_person(company: Company, mia: Caller) -> None:
    page = paged(mia, person=company.otto.email)
    answer = calling_as(company.otto).post(f"/pages/{page['id']}/acknowledge")
    assert (answer["state"], answer["changed"]) == ("acknowledged", True)
    assert answer["acknowledged_by"]["name"] == "Otto"
    assert "Otto" in answer["sentence"]
    assert (answer["people"][0]["state"], answer["people"][0]["via"]) == ("acknowledged", "api")
    assert answer["people"][0]["on_behalf_by"] == ""
    again = calling_as(company.otto).post(f"/pages/{page['id']}/acknowledge", {})
    assert again["changed"] is False


def test_an_answer_for_somebody_else_meets_no_quorum(company: Company, mia: Caller) -> None:
    page = paged(mia, person=company.otto.email)
    answer = mia.post(f"/pages/{page['id']}/acknowledge", {"person": str(company.otto.pk)})
    assert answer["state"] == "paging"
    assert (answer["people"][0]["state"], answer["people"][0]["on_behalf_by"]) == ("acknowledged", "Mia")
    assert "their own answer is still needed" in answer["sentence"]
    own = calling_as(company.otto).post(f"/pages/{page['id']}/acknowledge", {"person": company.otto.email})
    assert (own["state"], own["people"][0]["on_behalf_by"]) == ("acknowledged", "")


def test_whoever_was_called_may_answer_whatever_their_role(company: Company, mia: Caller) -> None:
    sam = make_person("Sam")
    page = paged(mia, person=sam.email)
    caller = calling_as(sam)
    caller.post(f"/pages/{page['id']}/acknowledge", {"person": company.otto.email}, status=403)
    assert caller.post(f"/pages/{page['id']}/acknowledge")["state"] == "acknowledged"
    caller.post(f"/pages/{page['id']}/reassign", {"person": company.otto.email}, status=403)


def test_declining_calls_the_next(company: Company, mia: Caller) -> None:
    make_policy((300, [company.otto]), (300, [company.olga]), name="Hosting first")
    page = paged(mia, policy="Hosting first")
    answer = calling_as(company.otto).post(f"/pages/{page['id']}/decline", {"reason": "On a plane"})
    assert answer["level"] == 2
    assert {each["person"]["name"]: each["state"] for each in answer["people"]} == {
        "Otto": "declined",
        "Olga": "called",
    }
    mia.post(f"/pages/{page['id']}/decline", status=409)


def test_escalating_snoozing_reassigning(company: Company, mia: Caller) -> None:
    make_policy((300, [company.otto]), (300, [company.olga]), name="Hosting first")
    page = paged(mia, policy="Hosting first")
    otto, at = calling_as(company.otto), f"/pages/{page['id']}"
    assert mia.post(f"{at}/escalate")["level"] == 2
    before = clock.now()
    quiet = calling_as(company.olga).post(f"{at}/snooze", {"minutes": 60})
    assert quiet["state"] == "acknowledged"
    assert quiet["snoozed_until"] >= (before + timedelta(minutes=59)).isoformat()
    for given in ({"minutes": 0}, {"minutes": 1441}, {"until": "2026-11-22T03:00:00"}, {"until": "tomorrow"}):
        assert list(otto.post(f"{at}/snooze", given, status=422)["errors"]) == list(given)
    for until in ("2020-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
        assert "until" in otto.post(f"{at}/snooze", {"until": until}, status=422)["errors"]
    until = (clock.now() + timedelta(hours=2)).isoformat()
    assert otto.post(f"{at}/snooze", {"until": until})["snoozed_until"][:19] == until[:19]
    given = mia.post(f"{at}/reassign", {"person": company.sid.email})
    assert (given["state"], given["policy"], given["snoozed_until"]) == ("paging", "Sid", None)
    assert list(mia.post(f"{at}/reassign", {}, status=422)["errors"]) == ["person"]


def test_more_people_are_called_too(company: Company, mia: Caller) -> None:
    page = paged(mia, person=company.otto.email)
    answer = mia.post(f"/pages/{page['id']}/responders", {"people": [company.sid.email, str(company.otto.pk)]})
    assert (answer["state"], answer["changed"]) == ("paging", True)
    assert [each["person"]["name"] for each in answer["people"]] == ["Otto", "Sid"]
    gone = make_person("Sue", active=False)
    for people in ([], ["nonsense"], [gone.email]):
        refused = mia.post(f"/pages/{page['id']}/responders", {"people": people}, status=422)
        assert list(refused["errors"]) == ["people"]


@pytest.mark.parametrize("name", ["nonsense", "1", "0c4f2b1e-0000-4000-8000-000000000000"])
def test_an_unknown_page_is_answered_404(mia: Caller, name: str) -> None:
    mia.get(f"/pages/{name}", status=404)
    for verb in ("acknowledge", "decline", "escalate", "snooze"):
        mia.post(f"/pages/{name}/{verb}", status=404)
    mia.post(f"/pages/{name}/reassign", {"person": "x"}, status=404)
    mia.get(f"/deliveries?page={name}", status=404)


def test_pages_are_filtered(company: Company, mia: Caller) -> None:
    one, two = paged(mia, person=company.otto.email), paged(mia, person=company.olga.email)
    calling_as(company.otto).post(f"/pages/{one['id']}/acknowledge")

    def shown(query: str) -> list[str]:
        return [page["id"] for page in mia.items(f"/pages?{query}")]

    assert shown("") == shown("state=open") == shown("incident=&state=") == [two["id"], one["id"]]
    assert shown("state=acknowledged") == shown(f"person={company.otto.pk}") == [one["id"]]
    assert shown("state=paging") == shown(f"person={company.olga.email}") == [two["id"]]
    mia.get("/pages?state=nonsense", status=422)
    mia.get("/pages?incident=999999", status=404)
    mia.get("/pages?person=nonsense", status=404)


def test_a_delivery_has_the_agreed_shape(company: Company, mia: Caller) -> None:
    incident = make_incident(severity=2, now=clock.now())
    run_once("pages", now=clock.now())
    delivery = Delivery.objects.filter(channel="sms").get()
    Attempt.objects.create(
        delivery=delivery, at=clock.now(), provider="twilio", result="accepted", code="201", latency_ms=80
    )
    (shown,) = [item for item in mia.items(f"/deliveries?incident={incident.number}") if item["channel"] == "sms"]
    assert {
        "id",
        "page_id",
        "person",
        "channel",
        "provider",
        "state",
        "repeated",
        "attempts",
        "created_at",
        "sent_at",
    } <= shown.keys()
    assert shown["person"] == {"id": str(company.otto.pk), "name": "Otto"}
    assert shown["page_id"] == str(delivery.page_id)
    assert (shown["state"], shown["repeated"], shown["sent_at"]) == ("pending", False, None)
    (attempt,) = shown["attempts"]
    assert attempt.keys() == {"at", "provider", "result", "code", "latency_ms"}
    assert (attempt["result"], attempt["code"], attempt["latency_ms"]) == ("accepted", "201", 80)
    assert delivery.address not in str(shown)


def test_deliveries_are_filtered(company: Company, mia: Caller) -> None:
    one, two = make_page(company.otto, now=clock.now()), make_page(company.olga, now=clock.now())
    run_once("pages", now=clock.now())

    def pages_of(query: str) -> set[str]:
        return {item["page_id"] for item in mia.items(f"/deliveries?{query}")}

    assert pages_of("") == pages_of("state=pending") == {str(one.pk), str(two.pk)}
    assert pages_of(f"page={one.pk}") == pages_of(f"person={company.otto.pk}") == {str(one.pk)}
    assert pages_of("state=failed") == set()
    tried = Delivery.objects.filter(page=one, channel="sms").get()
    Attempt.objects.create(delivery=tried, at=clock.now(), provider="vonage", result="temporary", code="429")
    assert pages_of("provider=vonage&result=temporary&code=429&channel=sms") == {str(one.pk)}
    assert pages_of("provider=vonage&code=503") == pages_of("until=2020-01-01T00:00:00Z") == set()
    assert pages_of("since=2020-01-01T00:00:00Z") == {str(one.pk), str(two.pk)}
    mia.get("/deliveries?address=555", status=403)
    for query in ("incident=999999", "person=nonsense"):
        mia.get(f"/deliveries?{query}", status=404)


def test_somebody_elses_messages_without_a_page_are_the_auditors_to_see(company: Company, mia: Caller) -> None:
    now = clock.now()
    code = Delivery.objects.create(
        person=company.otto,
        kind=Delivery.Kind.VERIFICATION,
        channel="sms",
        address="+12065550000",
        content={"code": "sealed"},
        not_before=now,
        created_at=now,
    )
    for person, sees in ((company.mia, False), (company.otto, True), (company.alma, True), (make_person("Leo"), True)):
        found = [item for item in calling_as(person).items("/deliveries") if item["id"] == str(code.pk)]
        assert bool(found) is sees
        assert "sealed" not in str(found)
