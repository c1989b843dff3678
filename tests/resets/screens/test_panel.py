"""The resets of an incident in its room."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engine import clock
from incidents.models import Incident
from people.models import Person, Role
from resets.models import Reset
from resets.panel import SHOWN, resets_of
from tests.builders import make_person
from tests.eap.runs.builders import begin, make_incident, make_version, step
from tests.resets.engine.builders import ask, make_reset, work
from tests.resets.screens.night import make_night

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(db: None) -> Incident:
    return make_incident("Somebody read the customer table")


@pytest.fixture
def otto(db: None) -> Person:
    return make_person("Otto", role=Role.RESPONDER)


def room(person: Person, incident: Incident) -> str:
    browser = Client()
    browser.force_login(person)
    answer = browser.get(reverse("incident", args=[incident.number]))
    assert answer.status_code == 200, answer.content[:500]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_each_reset_of_its_runs_has_a_line(vera: Person, otto: Person, incident: Incident) -> None:
    assert "Credential resets" not in room(otto, incident)
    run = begin(make_version([step("look")]), incident=incident)
    reset = make_night(vera, run=run)
    said = room(otto, incident)
    assert "Credential resets" in said
    line = said.partition(reset.title)[2]
    assert line.index("Lock the passwords") < line.index("2 of 100"), "the newest phase, and it alone"
    assert "99 of 100" not in said
    Reset.objects.filter(pk=reset.pk).update(state="aborted", trouble="Aborted: wrong cutoff.", drill=True)
    line = room(otto, incident).partition(reset.title)[2]
    assert "EXERCISE" in line
    assert "Aborted: wrong cutoff." in line


def test_its_run_and_each_step_lead_to_it(vera: Person, otto: Person) -> None:
    run = begin(make_version([step("look")]))
    reset = make_reset(created_by=vera, run=run)
    link = f'href="{reverse("reset", args=[reset.pk])}"'
    browser = Client()
    browser.force_login(otto)
    assert link in browser.get(reverse("run", args=[run.pk])).content.decode()
    assert link in browser.get(reverse("run_step", args=[run.pk, "look"])).content.decode()
    other = begin(make_version([step("look")]))
    assert link not in browser.get(reverse("run", args=[other.pk])).content.decode()


def test_what_was_missed_stands_there(vera: Person, otto: Person, incident: Incident) -> None:
    run = begin(make_version([step("look")]), incident=incident)
    reset = make_reset(created_by=vera, run=run)
    assert reset.title in room(otto, incident), "one that has not begun has a line too"
    phase = ask(reset, "disable")
    work(now=clock.now() + timedelta(seconds=1))
    phase.chunks.filter(wave=0).update(applied=0, missed=1)
    assert "2 missed" in room(otto, incident)


def test_other_resets_have_none(vera: Person, otto: Person, incident: Incident) -> None:
    other = make_incident("Mail is late")
    theirs = make_night(vera, run=begin(make_version([step("look")]), incident=other))
    make_reset(created_by=vera)
    assert "Credential resets" not in room(otto, incident)
    assert theirs.title in room(otto, other)


def test_many_take_no_more_queries_than_one(vera: Person, otto: Person, incident: Incident) -> None:
    run = begin(make_version([step("look")]), incident=incident)
    request = RequestFactory().get("/")
    request.user = otto
    counted = []
    for _ in range(SHOWN + 1):
        reset = make_reset(created_by=vera, run=run)
        ask(reset, "disable")
        with CaptureQueriesContext(connection) as queries:
            said = resets_of(request, incident)
        counted.append(len(queries))
    assert set(counted) == {counted[0]}
    assert said.count("<li>") == SHOWN
