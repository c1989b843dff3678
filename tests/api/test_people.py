"""People, schedules, who is on call, and the ledger by the API."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from engine import clock
from ledger.rules import Record
from people.models import Override, Person
from tests.api.calling import Caller, calling_as
from tests.builders import NOW, make_person, make_schedule
from tests.incidents.builders import make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    return make_person("Ada")


@pytest.fixture
def caller(ada: Person) -> Caller:
    return calling_as(ada)


def test_people_are_listed_by_name(ada: Person, caller: Caller) -> None:
    gone = make_person("Sue", active=False)
    otto = make_person("Otto")
    shown = caller.items("/people")
    assert [each["id"] for each in shown] == [str(ada.pk), str(otto.pk)]
    assert shown[0] == {
        "id": str(ada.pk),
        "name": "Ada",
        "title": "CEO",
        "email": ada.email,
        "role": "executive",
        "time_zone": "UTC",
        "language": "en",
        "active": True,
    }
    assert [each["id"] for each in caller.items("/people?active=false")] == [str(gone.pk)]
    caller.get("/people?active=perhaps", status=422)


def test_somebody_is_found_by_id_address_and_as_oneself(ada: Person, caller: Caller) -> None:
    for name in (str(ada.pk), ada.email, quote(ada.email.upper()), "me"):
        assert caller.get(f"/people/{name}")["id"] == str(ada.pk)
    for name in ("nonsense", "nobody@harbor.example", "0c4f2b1e-0000-4000-8000-000000000000"):
        caller.get(f"/people/{name}", status=404)


def test_schedules_show_who_takes_turns(ada: Person, caller: Caller) -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    schedule = make_schedule("Hosting", otto, olga)
    for start in (timedelta(days=-9), timedelta(hours=1)):
        starts_at = clock.now() + start
        Override.objects.create(
            schedule=schedule, person=ada, starts_at=starts_at, ends_at=starts_at + timedelta(hours=8)
        )
    (shown,) = caller.items("/schedules")
    assert (shown["id"], shown["name"], shown["time_zone"]) == (str(schedule.pk), "Hosting", "UTC")
    (rotation,) = shown["rotations"]
    assert [each["name"] for each in rotation["people"]] == ["Otto", "Olga"]
    assert (rotation["kind"], rotation["turn_length"], rotation["handover_at"]) == ("weekly", 1, "09:00:00")
    assert [each["person"]["name"] for each in shown["overrides"]] == ["Ada"]


def test_who_is_on_call_at_a_moment(caller: Caller) -> None:
    otto, olga = make_person("Otto"), make_person("Olga")
    make_schedule("Hosting", otto, olga)
    make_schedule("Nobody's")

    def on_call(at: str) -> dict[str, list[str]]:
        items = caller.items(f"/on-call?at={at}")
        return {each["schedule"]["name"]: [person["name"] for person in each["people"]] for each in items}

    assert on_call(NOW.isoformat()) == on_call(quote(NOW.isoformat())) == {"Hosting": ["Otto"], "Nobody's": []}
    assert on_call("2026-11-24T00:00:00Z") == {"Hosting": ["Olga"], "Nobody's": []}
    assert {each["schedule"]["name"] for each in caller.items("/on-call")} == {"Hosting", "Nobody's"}
    for wrong in ("2026-11-24T00:00:00", "tomorrow", "9" * 30, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00%2B14:00"):
        assert list(caller.get(f"/on-call?at={wrong}", status=422)["errors"]) == ["at"]


def test_a_schedule_that_cannot_be_worked_out_hides_no_other(caller: Caller) -> None:
    otto = make_person("Otto")
    make_schedule("Hosting", otto)
    broken = make_schedule("Moved", otto)
    type(broken).objects.filter(pk=broken.pk).update(time_zone="Mars/Olympus")
    items = caller.items(f"/on-call?at={quote(NOW.isoformat())}")
    assert [len(each["people"]) for each in items] == [1, 0]


def test_the_ledger_holds_what_is_needed_to_recompute_it(ada: Person) -> None:
    alma = calling_as(make_person("Alma"))
    id_ = calling_as(ada).post("/incidents", {"title": "Break-in", "summary": "Since noon"}, status=201)["id"]
    calling_as(ada).post(f"/incidents/{id_}/notes", {"text": "Port 22 is open."})
    entries = alma.items(f"/ledger?subject=incident:{id_}")
    assert [entry["verb"] for entry in entries] == ["incident.declared", "incident.noted"]
    assert [entry["text"] for entry in entries] == ["Since noon", "Port 22 is open."]
    assert entries[0]["actor"] == {"kind": "person", "id": str(ada.pk), "name": "Ada", "via": "api"}
    previous = "0" * 64
    for entry in entries:
        record = Record(
            subject=entry["subject"],
            seq=entry["seq"],
            at_us=entry["at_us"],
            actor_kind=entry["actor"]["kind"],
            actor_id=entry["actor"]["id"],
            actor_name=entry["actor"]["name"],
            actor_via=entry["actor"]["via"],
            verb=entry["verb"],
            payload=entry["payload"],
            personal_digest=entry["personal_digest"],
            previous=previous,
        )
        previous = record.hash()
        assert previous == entry["hash"]


def test_the_ledger_is_asked_by_subject() -> None:
    alma = calling_as(make_person("Alma"))
    assert list(alma.get("/ledger", status=422)["errors"]) == ["subject"]
    assert alma.items("/ledger?subject=incident:nonsense") == []
    assert list(alma.get("/ledger?subject=%00", status=422)["errors"]) == ["subject"]
    incident = make_incident(severity=4, now=clock.now())
    assert alma.items(f"/ledger?subject={incident.subject}")[0]["seq"] == 1
