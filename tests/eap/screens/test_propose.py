"""A change of the plan that begins with what a run showed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eap.models import PlanVersion, Run
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.skip_step import fail_step, skip_step
from incidents.models import Incident
from people.models import Person
from tests.builders import NOW, by, make_person, make_tier
from tests.eap.format.texts import plan_text
from tests.eap.runs.builders import at, begin, chain, do, fresh, go, make_incident, make_version, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def otto() -> Person:
    otto = make_person("Otto")
    make_tier("on-call", otto)
    return otto


def ended_run(otto: Person, incident: Incident | None = None) -> Run:
    """Return a run that took 40 minutes over a step of 30, left one out and failed at the third."""
    steps = chain(
        step("look", role="ops", due="30m"),
        step("call", role="ops"),
        step("reset", role="ops", on_failure="stop"),
    )
    version = make_version(steps, key="restore-web", roles={"ops": {"title": "Operations", "tier": "on-call"}})
    version.plan.versions.create(number=2, state="rejected", text=plan_text(), created_at=NOW, edited_at=NOW)
    run = begin(version, incident=incident)
    go()
    late = NOW + timedelta(minutes=40)
    do(complete_step, step_id=at(run, "look").pk, evidence=[], by=by(otto), now=late)
    go(late)
    do(skip_step, step_id=at(run, "call").pk, reason="The bank is shut", by=by(otto), now=late)
    go(late)
    do(fail_step, step_id=at(run, "reset").pk, reason="No access to web1", by=by(otto), now=late)
    go(late)
    return fresh(run)


def proposed_from(run: Run, otto: Person) -> str:
    """Return the notes of the version that a change from this run opens."""
    client = Client()
    client.force_login(otto)
    assert client.post(reverse("plan_propose", args=[run.plan.key]) + f"?run={run.pk}").status_code == 302
    return PlanVersion.objects.get(plan=run.plan, state="draft").notes


def test_the_notes_hold_what_the_run_showed(otto: Person) -> None:
    run = ended_run(otto)
    assert not run.is_open
    notes = proposed_from(run, otto)
    assert "Run of version 1 on 2026-11-22: failed after 40 min." in notes
    assert "Look: 10 min late" in notes
    assert "Look: planned 30 min, real 40 min" in notes
    assert "Call (skipped): Otto: The bank is shut" in notes
    assert "No access to web1" in notes
    assert "Operations: 40 min" in notes
    assert f"/runs/{run.pk}/" in notes


def test_a_private_incidents_run_tells_numbers_alone(otto: Person) -> None:
    incident = make_incident()
    run = ended_run(otto, incident)
    Incident.objects.filter(pk=incident.pk).update(private=True, declared_by=otto)
    notes = proposed_from(run, otto)
    assert "Look: planned 30 min, real 40 min" in notes
    for told in ("bank", "access", str(incident.number), str(run.pk)):
        assert told not in notes


def test_only_an_ended_run_of_this_plan_is_taken(otto: Person) -> None:
    run = ended_run(otto)
    other = begin(make_version([step("look")]))
    client = Client()
    client.force_login(otto)
    for wrong in (other.pk, "nonsense"):
        assert client.post(reverse("plan_propose", args=[run.plan.key]) + f"?run={wrong}").status_code == 404
    client.post(reverse("plan_propose", args=[other.plan.key]) + f"?run={other.pk}")
    assert not PlanVersion.objects.filter(state="draft").exists()
