"""Who is asked for a step, reminded of it, and asked instead."""

from __future__ import annotations

from datetime import datetime

import pytest

from eap.models import Run
from eap.operations.runs.complete_step import complete_step
from engine.duties import run_once
from incidents.models import Incident
from incidents.operations.assign_role import assign_role
from incidents.timeline import timeline
from ledger.actor import Actor
from notifications.models import Page
from notifications.registry import subjects
from people.models import Person
from tests.builders import NOW, by, make_person, make_tier
from tests.eap.runs.actions import fails, once
from tests.eap.runs.builders import (
    MINUTE,
    at,
    automation,
    begin,
    do,
    entries,
    fresh,
    go,
    make_incident,
    make_version,
    page_of,
    step,
)

pytestmark = pytest.mark.django_db


def test_the_next_in_line_is_asked_when_it_is_due_once_more() -> None:
    vic, vera = make_person("Vic"), make_person("Vera")
    roles = {"vp": {"title": "VP", "tier": "vp"}}
    make_tier("vp", vic, line=[vera])
    run = begin(make_version([step("a", role="vp", due="10m")], roles=roles))
    first = page_of(run, "a").pk
    go(NOW + 9 * MINUTE)
    assert page_of(run, "a").pk == first
    go(NOW + 10 * MINUTE)
    assert page_of(run, "a").title == "Overdue: A"
    assert Page.objects.get(pk=first).state == "cancelled"
    assert at(run, "a").person == vic
    go(NOW + 20 * MINUTE)
    assert at(run, "a").person == vera
    assert page_of(run, "a").title == "Overdue, now yours: A"
    assert entries(run, "run.step_escalated") == 1
    go(NOW + 30 * MINUTE)
    assert at(run, "a").person == vera, "nobody comes after her"


def test_a_role_that_names_nobody_falls_to_the_starter_visibly(otto: Person) -> None:
    run = begin(make_version([step("a", role="dba")], roles={"dba": {"title": "DBA", "team": "Nobody"}}), who=otto)
    assert at(run, "a").person == otto
    assert fresh(run).trouble == "Nobody holds the role DBA; Otto is asked for “A” instead."


def test_everything_said_in_a_drill_is_an_exercise() -> None:
    otto = make_person("Otto")
    roles = {"ops": {"title": "OPS", "person": otto.email}}
    incident = make_incident()
    run = begin(make_version([step("a", role="ops")], roles=roles), drill=True, incident=incident)
    assert page_of(run, "a").title == "EXERCISE: A"
    words = subjects.words_of(page_of(run, "a"))
    assert words.short == f"EXERCISE: {incident.number}: A (Restore the web server)"
    assert words.spoken.startswith("This is an exercise.")
    sentences = [line.sentence for line in timeline(incident)]
    assert any(s.endswith("started “EXERCISE: Restore the web server”") for s in sentences), sentences


def test_a_message_about_a_private_incidents_run_says_its_number_and_no_more() -> None:
    otto = make_person("Otto")
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(private=True)
    incident.refresh_from_db()
    roles = {"ops": {"title": "OPS", "person": otto.email}}
    run = begin(make_version([step("a", role="ops")], roles=roles), incident=incident)
    words = subjects.words_of(page_of(run, "a"))
    assert words.short == words.title == f"{incident.number}: a private incident"
    assert "Restore" not in words.spoken


def _nobody_answers(run: Run, key: str, now: datetime) -> datetime:
    """Let the engine call for a step until the page that calls for it now has ended; return when that is."""
    page = page_of(run, key)
    while Page.objects.get(pk=page.pk).state == "paging":
        now += MINUTE
        run_once("pages", now=now)
    go(now)
    return now


def test_who_does_not_answer_is_followed_by_a_stand_in_and_by_the_commander() -> None:
    vic, vera, ada = make_person("Vic"), make_person("Vera"), make_person("Ada")
    make_tier("vp", vic, line=[vera])
    incident = make_incident()
    do(assign_role, incident_id=incident.pk, role="commander", person=ada, by=Actor.system())
    run = begin(make_version([step("a", role="vp")], roles={"vp": {"title": "VP", "tier": "vp"}}), incident=incident)
    now = _nobody_answers(run, "a", NOW)
    assert at(run, "a").person == vera
    assert page_of(run, "a").title == "Not answered, now yours: A"
    assert fresh(run).trouble == "Vic did not answer for “A”; Vera is asked instead."
    assert [line.sentence for line in timeline(incident)].count("Vic did not answer; given to Vera: A") == 1

    now = _nobody_answers(run, "a", now)
    assert at(run, "a").person == ada, "the commander"
    last = page_of(run, "a").pk
    now = _nobody_answers(run, "a", now)
    assert at(run, "a").person == ada
    assert fresh(run).trouble == "Nobody answered for “A”, and nobody is left to be asked."
    assert entries(run, "run.step_unanswered") == 3
    assert at(run, "a").page_id is None

    calling = Page.objects.filter(subject=run.subject, state="paging")
    assert [page.fallback_of_id for page in calling] == [last], "everybody is called, as for every unanswered page"
    do(complete_step, step_id=at(run, "a").pk, by=by(vera), now=now)
    assert not calling.all().exists()


def test_a_decision_about_a_failure_that_nobody_takes_is_asked_of_somebody_else() -> None:
    vic, otto = make_person("Vic"), make_person("Otto")
    once.behave[""] = fails("No route.")
    version = make_version(
        [automation("a", "test-once", role="vp")], roles={"vp": {"title": "VP", "person": vic.email}}
    )
    run = begin(version, who=otto)
    go()
    assert page_of(run, "a").title == "Decide: “A” failed"
    _nobody_answers(run, "a", NOW)
    assert (at(run, "a").person, at(run, "a").state) == (otto, "failed")
    assert page_of(run, "a").title == "Not answered, now yours: Decide: “A” failed"


def test_an_approval_that_nobody_answers_is_visible_and_goes_to_nobody_without_a_vote() -> None:
    vic, otto = make_person("Vic"), make_person("Otto")
    version = make_version(
        [step("agree", "approval", approval={"roles": ["vp"], "expires": "2h"})],
        roles={"vp": {"title": "VP", "person": vic.email}},
    )
    run = begin(version, who=otto)
    _nobody_answers(run, "agree", NOW)
    assert (at(run, "agree").state, at(run, "agree").person) == ("ready", None)
    assert fresh(run).trouble == "Nobody answered for “Agree”, and nobody is left to be asked."
