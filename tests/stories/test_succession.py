"""Somebody does not answer. The clock is moved; the phones are real processes."""

from __future__ import annotations

from incidents.models import Incident
from tests.builders import make_person, make_policy
from tests.incidents.builders import DEADLINE_S, Company, make_company
from tests.stories.night import Item, Night, answered

LEADERS = ("Ada", "Vic", "Vera", "Mia", "Max", "Otto")


def gather(night: Night, company: Company) -> tuple[str, dict[str, Item]]:
    """Declare a SEV1 as Cam, and return its id and the call that each leader gets; each gets a text as well."""
    with night.sign_in(company.cam) as cam:
        incident = answered(cam.post("/incidents", json={"title": "Customer data read", "severity": "SEV1"}), 201)
    for name in LEADERS:
        night.text_to(company.people[name])
    return incident["id"], {name: night.call_to(company.people[name]) for name in LEADERS}


def seats(night: Night, company: Company, incident: str) -> dict[str, dict[str, str]]:
    """Return the states of the roll-call by tier and name, as the API tells them."""
    with night.sign_in(company.cam) as cam:
        muster = answered(cam.get(f"/incidents/{incident}/muster"))
    return {
        tier["name"]: {seat["person"]["name"]: seat["state"] for seat in tier["people"]} for tier in muster["tiers"]
    }


def test_managers_who_stay_silent_are_succeeded_when_their_time_is_over(night: Night) -> None:
    company = make_company()
    incident, calls = gather(night, company)
    for name in ("Ada", "Vic", "Vera", "Otto"):
        assert f"{name}, you have acknowledged it." in night.phones.pick_up(calls[name], "1")
    for name in ("Mia", "Max"):
        night.phones.let_ring(calls[name])
    night.pass_time(seconds=DEADLINE_S - 20)
    night.stays_quiet()
    night.pass_time(seconds=20)
    night.text_to(company.sid)
    night.phones.pick_up(night.call_to(company.sid), "1")
    night.look()
    assert seats(night, company, incident)["MANAGER"] == {"Mia": "succeeded", "Max": "late", "Sid": "confirmed"}
    gathered = Incident.objects.get(pk=incident)
    assert gathered.muster_state == "complete"
    assert gathered.muster.completed_at is not None
    assert (gathered.muster.completed_at - gathered.muster.started_at).total_seconds() >= DEADLINE_S


def test_who_answers_late_after_all_counts_and_the_successor_is_let_go(night: Night) -> None:
    company = make_company()
    incident, calls = gather(night, company)
    for name in ("Ada", "Vic", "Vera", "Otto"):
        night.phones.pick_up(calls[name], "1")
    night.phones.let_ring(calls["Mia"])
    night.pass_time(seconds=DEADLINE_S)
    night.text_to(company.sid)
    ringing = night.call_to(company.sid)
    night.phones.pick_up(calls["Max"], "1")
    night.is_hung_up(ringing)
    assert seats(night, company, incident)["MANAGER"]["Max"] == "confirmed"


def test_when_everybody_is_silent_everybody_and_the_administrators_are_called(night: Night) -> None:
    otto, olga, alma = (make_person(name) for name in ("Otto", "Olga", "Alma"))
    make_policy((300, [otto]), (300, [olga]), name="On call", rounds=1)
    with night.sign_in(alma) as api:
        page = answered(api.post("/pages", json={"policy": "On call", "title": "Power lost in hall 2"}), 201)
        for minutes, person in ((0, otto), (5, olga)):
            night.pass_time(minutes=minutes)
            night.text_to(person)
            night.phones.let_ring(night.call_to(person))
        night.pass_time(minutes=4.5)
        night.stays_quiet()
        night.pass_time(minutes=0.5)
        for person in (otto, olga, alma):
            night.text_to(person)
        calls = [night.call_to(person) for person in (otto, olga, alma)]
        assert answered(api.get(f"/pages/{page['id']}"))["state"] == "exhausted"
        night.phones.pick_up(calls[2], "1")
        for call in calls[:2]:
            night.is_hung_up(call)
        (shout,) = answered(api.get("/pages?state=acknowledged"))["items"]
        assert shout["acknowledged_by"]["name"] == "Alma"


def test_who_declines_is_followed_at_once(night: Night) -> None:
    otto, olga = make_person("Otto"), make_person("Olga", methods=["voice"])
    make_policy((300, [otto]), (300, [olga]), name="On call")
    with night.sign_in(make_person("Alma", methods=[])) as api:
        answered(api.post("/pages", json={"policy": "On call", "title": "Power lost in hall 2"}), 201)
    night.text_to(otto)
    said = night.phones.pick_up(night.call_to(otto), "9")
    assert "Olga is called now" in said
    assert "Power lost in hall 2" in night.phones.pick_up(night.call_to(olga), "1")
