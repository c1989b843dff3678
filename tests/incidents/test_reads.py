"""Who may see what, and what they see: doors, board, briefing, now."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.board import muster_board
from incidents.briefing import briefing, now_board
from incidents.models import Incident
from incidents.operations.add_responders import add_responders
from incidents.operations.assign_role import assign_role
from incidents.queries import access_incident, listed_incidents, visible_incidents
from incidents.subject import words_of
from people.models import Role
from tests.builders import NOW, by, make_person, make_schedule
from tests.incidents.builders import after, answer, make_company, make_incident, make_service, pass_time, refuse
from web.errors import NotFound

pytestmark = pytest.mark.django_db


def test_an_incident_is_found_by_id_and_by_number() -> None:
    sue = make_person("Sue")
    incident = make_incident(severity=3, declared_by=sue)
    assert access_incident(sue, incident.pk) == access_incident(sue, str(incident.number)) == incident


@pytest.mark.parametrize("wrong", ["", "0", "99999999999999999999", "²", "nonsense", "-1", uuid4()])
def test_what_does_not_exist_is_not_found(wrong: str) -> None:
    with pytest.raises(NotFound):
        access_incident(make_person("Sue"), wrong)


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.ADMINISTRATOR, True),
        (Role.EXECUTIVE, True),
        (Role.AUDITOR, True),
        (Role.RESPONDER, False),
        (Role.COMMUNICATIONS, False),
        (Role.OBSERVER, False),
    ],
)
def test_a_private_incident_is_seen_by_roles_that_see_all(role: Role, *, sees: bool) -> None:
    incident = make_incident(severity=3, declared_by=make_person("Sid"), private=True)
    somebody = make_person("Sam", role=role)
    assert visible_incidents(somebody).filter(pk=incident.pk).exists() is sees
    if not sees:
        with pytest.raises(NotFound):
            access_incident(somebody, incident.pk)


def test_a_private_incident_is_seen_by_those_who_take_part() -> None:
    sid, otto, mia, max_ = (make_person(name) for name in ("Sid", "Otto", "Mia", "Max"))
    incident = make_incident(severity=3, declared_by=sid, private=True)
    with transaction.atomic():
        add_responders(incident_id=incident.pk, people=[otto], by=by(sid), now=after(1))
        assign_role(incident_id=incident.pk, role="scribe", person=mia, by=by(sid), now=after(1))
    pass_time(1)
    assert [visible_incidents(each).count() for each in (sid, otto, mia, max_)] == [1, 1, 1, 0]


def test_who_left_sees_nothing() -> None:
    make_incident(severity=3, declared_by=make_person("Sid"))
    assert not visible_incidents(make_person("Max", active=False)).exists()


def test_lists_keep_by_status_and_severity() -> None:
    sue = make_person("Sue")
    one = make_incident("One", severity=3, declared_by=sue)
    two = make_incident("Two", severity=2, declared_by=sue, now=after(5))
    Incident.objects.filter(pk=one.pk).update(status="resolved")
    assert list(listed_incidents(sue)) == [two, one]
    assert list(listed_incidents(sue, status="open")) == [two]
    assert list(listed_incidents(sue, status="resolved")) == [one]
    assert list(listed_incidents(sue, severity=2)) == [two]


def test_the_board_shows_who_stands_in_for_whom() -> None:
    company = make_company()
    incident = make_incident()
    pass_time(0)
    refuse(incident, company.ada, "ceo", at=10)
    answer(incident, company.vera, "ceo", at=20, via="sms")
    board = muster_board(incident)
    assert (board.state, board.started_at, board.time_to_muster_s) == ("gathering", NOW, None)
    assert [tier.name for tier in board.tiers] == ["CEO", "VP", "MANAGER", "ON_CALL"]
    ceo = board.tiers[0]
    assert (ceo.quorum, ceo.deadline, ceo.state, ceo.confirmed) == (1, after(300), "complete", 1)
    ada, vera = ceo.people
    assert (ada.person, ada.state, ada.succeeded_by) == (company.ada, "succeeded", company.vera)
    assert (vera.state, vera.via, vera.confirmed_at, vera.stands_in_for) == ("confirmed", "sms", after(20), company.ada)
    # Vera's answer counts for the VPs too.
    assert (board.confirmed, board.needed) == (2, 4)


def test_the_board_tells_the_time_to_muster() -> None:
    company = make_company()
    incident = make_incident(severity=2)
    pass_time(0)
    answer(incident, company.otto, "on_call", at=8.25)
    assert muster_board(incident).time_to_muster_s == 8.2


def test_without_muster_the_board_is_empty() -> None:
    board = muster_board(make_incident(severity=3, declared_by=make_person("Sue")))
    assert (board.state, board.tiers) == ("none", ())


def test_the_briefing_says_what_since_when_who_and_what_waits() -> None:
    company = make_company()
    incident = make_incident(service=make_service("databases"))
    pass_time(0)
    answer(incident, company.otto, "on_call", at=10)
    brief = briefing(incident, person=company.vic, now=after(120))
    assert (brief.open_for_s, brief.hit, brief.commander) == (120, "Databases", company.otto)
    assert [person.name for person in brief.called_with_you] == ["Ada", "Max", "Mia", "Otto", "Vera"]
    assert [page.purpose for page in brief.waits] == ["muster:vp"]
    assert brief.latest[0].sentence.startswith("Otto is incident commander")
    assert not any(line.verb.startswith("page.") for line in brief.latest)


def test_now_shows_open_incidents_command_on_call_and_who_is_late() -> None:
    company = make_company()
    make_schedule("Nobody's schedule")
    incident = make_incident()
    ended = make_incident("Over", severity=3, declared_by=company.sid)
    Incident.objects.filter(pk=ended.pk).update(status="closed")
    pass_time(0)
    answer(incident, company.otto, "on_call", at=10)
    pass_time(300)
    now = now_board(company.cam, now=after(301))
    assert [(row.incident, row.commander, row.open_for_s) for row in now.incidents] == [(incident, company.otto, 301)]
    assert {each.schedule.name: [p.name for p in each.people] for each in now.on_call} == {
        "Hosting": ["Otto"],
        "Nobody's schedule": [],
    }
    assert {(each.person.name, each.tier) for each in now.late} >= {("Ada", "CEO"), ("Vic", "VP")}
    assert now.waits == []
    assert now_board(company.vera, now=after(301)).waits != []


def test_a_longer_list_of_open_incidents_takes_no_more_queries() -> None:
    sue = make_person("Sue")
    counts = []
    for _ in range(2):
        for place in range(3):
            make_incident(f"Trouble {place}", severity=3, declared_by=sue)
        with CaptureQueriesContext(
            connection,
        ) as made:
            now_board(sue, now=after(1))
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_messages_speak_of_an_incident_without_its_private_title() -> None:
    incident = make_incident("Break-in", severity=1, declared_by=make_person("Sid"))
    words = words_of(str(incident.pk))
    assert words is not None
    digits = " ".join(str(incident.number))
    assert words.short == f"SEV1 {incident.number}: Break-in"
    assert words.spoken == f"severity 1, incident {digits}. Break-in"
    assert words.path == f"/incidents/{incident.number}/"
    Incident.objects.filter(pk=incident.pk).update(private=True)
    hidden = words_of(str(incident.pk))
    assert hidden is not None
    assert "Break-in" not in f"{hidden.title} {hidden.short} {hidden.spoken}"
    assert words_of("nonsense") is None
    assert words_of(str(uuid4())) is None
