"""A plan that opens an incident when a run of it fails, and what doesn't."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from eap.format.check import check
from eap.format.lint import lint
from eap.models import PlanVersion, Run
from eap.operations.runs.stop_run import stop_run
from incidents.models import Incident
from incidents.operations.resolve import resolve
from ledger.actor import Actor
from ledger.models import Entry
from tests.builders import NOW
from tests.eap.runs.actions import fails, set_
from tests.eap.runs.builders import MINUTE, automation, begin, do, fresh, go, make_document, make_incident, make_version

pytestmark = pytest.mark.django_db
WANTED = {"incident": {"title": "The test of {inputs.site} failed", "severity": 2, "type": "backup_failure"}}
SITE = {"site": {"type": "text", "title": "Site"}}


def version(**more: Any) -> PlanVersion:
    steps = [automation("try", on_failure="stop")]
    return make_version(steps, **{"on_failure": WANTED, "inputs": SITE, **more})


def failed(plan: PlanVersion, **more: Any) -> Run:
    """Run the plan; its one step fails."""
    set_.behave[""] = fails("The archive is cut off.")
    run = begin(plan, inputs={"site": "example.org"}, **more)
    go(more.get("now", NOW))
    return fresh(run)


def test_a_failed_run_opens_an_incident_and_belongs_to_it() -> None:
    run = failed(version())
    incident = Incident.objects.get()
    assert (run.state, run.on_failure, run.incident) == ("failed", "opened", incident)
    assert (incident.title, incident.severity, incident.type) == ("The test of example.org failed", 2, "backup_failure")
    assert "The archive is cut off." in incident.summary
    assert incident.declared_by_name == f"Rule of {run.plan.title}"
    for subject in (run.subject, incident.subject):
        entry = Entry.objects.get(subject=subject, verb="run.incident_opened")
        assert entry.payload["incident"] == incident.number
    go(NOW + MINUTE)
    assert Incident.objects.count() == 1


def test_the_next_failure_joins_the_incident_while_it_is_open() -> None:
    plan = version()
    first = failed(plan)
    second = failed(plan, now=NOW + timedelta(days=1))
    assert second.incident == first.incident
    assert Entry.objects.filter(subject=second.subject, verb="run.incident_joined").count() == 1
    assert first.incident is not None
    do(resolve, incident_id=first.incident.pk, by=Actor.system(), now=NOW + timedelta(days=1))
    third = failed(plan, now=NOW + timedelta(days=2))
    assert third.incident not in (None, first.incident)


def test_drills_runs_of_incidents_stopped_ones_and_good_ones_open_nothing() -> None:
    plan = version()
    assert failed(plan, drill=True).on_failure == ""
    incident = make_incident()
    assert failed(plan, incident=incident).incident == incident
    set_.behave.clear()
    good = begin(plan, inputs={"site": "x"})
    go(NOW)
    stopped = begin(plan, inputs={"site": "x"})
    do(stop_run, run_id=stopped.pk, how="now", by=Actor.system())
    go(NOW)
    assert [fresh(good).state, fresh(stopped).state] == ["done", "stopped"]
    assert list(Incident.objects.all()) == [incident]


def test_what_can_t_be_opened_is_said_on_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = failed(version(on_failure={"incident": {"title": "x", "type": "nonsense"}}))
    assert run.on_failure == ""
    assert run.trouble.startswith("No incident was opened for its failure. ")
    assert not Incident.objects.exists()


def test_the_writer_hears_of_what_can_t_work() -> None:
    steps = [automation("try")]
    wrong = {"incident": {"title": "{inputs.nothing}", "type": "backup"}}
    document = make_document(steps, on_failure=wrong)
    sentences = [problem.sentence for problem in check(document)]
    assert any('Incidents have no type "backup"' in sentence for sentence in sentences)
    assert any("{inputs.nothing} names nothing" in sentence for sentence in sentences)
    assert any("never ends as failed" in problem.sentence for problem in lint(document))
