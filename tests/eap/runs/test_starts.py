"""What starts runs by itself: incidents, schedules, webhooks, the command line; and what refuses to start."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from eap.models import AutomaticStart, Plan, Run
from eap.operations.runs.start_run import start_run
from eap.operations.starts.by_schedule import save_schedule, switch_off_schedule
from eap.operations.starts.by_webhook import issue_hook, revoke_hook
from eap.plan_matching import failed_starts, suggested_plans
from engine.duties import run_once
from incidents.models import Incident
from ledger.actor import Actor
from ledger.models import Entry
from tests.builders import NOW, by, make_person, make_tier
from tests.eap.runs.builders import (
    MINUTE,
    at,
    begin,
    do,
    fresh,
    make_incident,
    make_version,
    step,
)
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db

LATER = NOW + MINUTE
INPUT = {"host": {"type": "text", "title": "Host"}}


def starting(**more: Any) -> Plan:
    """Return a plan that SEV1 and SEV2 intrusions start, and any SEV1 suggests."""
    version = make_version(
        [step("look")],
        started_for={"types": ["intrusion"], "severities": [1, 2]},
        suggested_for={"severities": [1]},
        **more,
    )
    return version.plan


class TestByIncident:
    """Plans that incidents start and suggest."""

    def test_an_incident_starts_its_plan_once(self) -> None:
        plan = starting()
        incident = make_incident(type="intrusion", severity=2, now=LATER)
        make_incident(type="dns", severity=1, now=LATER)
        make_incident(type="intrusion", severity=3, now=LATER)
        for _ in range(2):
            run_once("plan_starts", now=LATER)
        (run,) = Run.objects.all()
        assert (run.plan, run.incident, run.drill, run.started_by, run.started_via) == (
            plan,
            incident,
            False,
            None,
            "rule",
        )
        assert Entry.objects.filter(subject=incident.subject, verb="run.started").count() == 1

    def test_one_that_becomes_worse_later_starts_it_too(self) -> None:
        starting()
        incident = make_incident(type="intrusion", severity=3, now=LATER)
        run_once("plan_starts", now=LATER)
        assert not Run.objects.exists()
        Incident.objects.filter(pk=incident.pk).update(severity=1)
        run_once("plan_starts", now=LATER)
        assert Run.objects.get().incident == incident

    def test_incidents_from_before_the_plan_and_old_ones_start_nothing(self) -> None:
        make_incident(type="intrusion", severity=1, now=NOW - MINUTE)
        starting()
        make_incident(type="intrusion", severity=1, now=LATER)
        run_once("plan_starts", now=NOW + timedelta(days=2))
        assert not Run.objects.exists()

    def test_one_that_can_not_start_says_why_once(self) -> None:
        starting(inputs=INPUT)
        incident = make_incident(type="intrusion", severity=1, now=LATER)
        run_once("plan_starts", now=LATER)
        assert [each.trouble for each in failed_starts(incident)] == ["The run was not started. Host is needed."]
        assert AutomaticStart.objects.count() == 1
        assert not Run.objects.exists()

    def test_approvals_of_a_run_that_nobody_started_still_need_people(self) -> None:
        vic = make_person("Vic")
        make_tier("vp", vic)
        version = make_version(
            [step("agree", "approval", approval={"roles": ["vp"]})],
            roles={"vp": {"title": "VP", "tier": "vp"}},
            started_for={"types": ["intrusion"]},
        )
        make_incident(type="intrusion", severity=4, now=LATER)
        run_once("plan_starts", now=LATER)
        run = version.runs.get()
        assert (at(run, "agree").state, at(run, "agree").line) == ("ready", [str(vic.pk)])

    def test_a_plan_is_suggested_until_it_ran(self) -> None:
        plan = starting()
        incident = make_incident(type="mail", severity=1)
        assert suggested_plans(incident) == [plan]
        assert suggested_plans(make_incident(type="mail", severity=2)) == []
        assert plan.published is not None
        begin(plan.published, incident=incident, drill=True)
        assert suggested_plans(incident) == [plan]
        begin(plan.published, incident=incident)
        assert suggested_plans(incident) == []


class TestBySchedule:
    """Runs that come again and again."""

    def test_it_starts_when_it_is_due_and_comes_again(self) -> None:
        version = make_version([step("look")])
        schedule = do(save_schedule, plan=version.plan, every="day", at=time(9), by=by(make_person("Alma")))
        assert schedule.next_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
        run_once("plan_starts", now=NOW)
        assert not Run.objects.exists()
        nine = datetime(2026, 11, 22, 9, 0, 1, tzinfo=UTC)
        run_once("plan_starts", now=nine)
        run_once("plan_starts", now=nine)
        (run,) = Run.objects.all()
        assert (run.drill, run.started_via) == (True, "schedule")
        schedule.refresh_from_db()
        assert (schedule.next_at, schedule.last_run) == (datetime(2026, 11, 23, 9, tzinfo=UTC), run)

    def test_what_was_missed_for_days_is_not_made_up_for(self) -> None:
        version = make_version([step("look")])
        schedule = do(save_schedule, plan=version.plan, every="day", at=time(9), by=Actor.system())
        run_once("plan_starts", now=NOW + timedelta(days=5))
        schedule.refresh_from_db()
        assert not Run.objects.exists()
        assert "missed by more than a day" in schedule.trouble
        assert schedule.next_at == datetime(2026, 11, 27, 9, tzinfo=UTC)

    def test_switched_off_it_starts_nothing(self) -> None:
        version = make_version([step("look")])
        schedule = do(save_schedule, plan=version.plan, every="day", at=time(9), by=Actor.system())
        do(switch_off_schedule, schedule=schedule, by=Actor.system())
        run_once("plan_starts", now=NOW + timedelta(hours=12))
        assert not Run.objects.exists()

    def test_what_makes_no_sense_is_refused(self) -> None:
        plan = make_version([step("look")], inputs={"key": {"type": "secret", "title": "Key"}}).plan
        refused: list[tuple[dict[str, Any], str]] = [
            ({"every": "hour"}, "every"),
            ({"every": "week"}, "weekday"),
            ({"every": "day", "day": 3}, "day"),
            ({"every": "day", "time_zone": "Mars/Crater"}, "time_zone"),
            ({"every": "day", "inputs": {"key": "hunter22"}}, "inputs.key"),
        ]
        for given, field in refused:
            with pytest.raises(BadInput) as caught:
                do(save_schedule, plan=plan, at=time(9), by=Actor.system(), **given)
            assert field in caught.value.errors


class TestByWebhook:
    """Addresses that start plans."""

    def post(self, key: str, body: Any) -> Any:
        """Post to an address of plans."""
        data = body if isinstance(body, str) else json.dumps(body)
        return Client(enforce_csrf_checks=True).post(
            f"/integrations/plans/{key}", data, content_type="application/json"
        )

    def test_it_starts_with_what_is_given(self) -> None:
        version = make_version([step("look")], inputs=INPUT)
        _, key = do(issue_hook, plan=version.plan, name="Deploys", inputs={"host": "web1"}, by=Actor.system())
        incident = make_incident()
        answer = self.post(key, {"inputs": {"host": "web2"}, "incident": incident.number})
        assert answer.status_code == 201
        run = Run.objects.get(pk=answer.json()["id"])
        assert (run.inputs, run.incident, run.started_by_name) == ({"host": "web2"}, incident, "Deploys")
        assert self.post(key, {}).status_code == 201
        assert Run.objects.order_by("started_at", "pk").filter(inputs={"host": "web1"}).count() == 1

    def test_who_made_the_address_approves_nothing_of_what_it_starts(self) -> None:
        olga = make_person("Olga")
        version = make_version([step("look")])
        _, key = do(issue_hook, plan=version.plan, name="Deploys", by=by(olga))
        run = Run.objects.get(pk=self.post(key, {}).json()["id"])
        assert (run.started_by, run.inputs_given_by) == (None, [str(olga.pk)])

    def test_what_it_can_not_use_is_refused_with_a_sentence(self) -> None:
        version = make_version([step("look")], inputs=INPUT)
        hook, key = do(issue_hook, plan=version.plan, name="Deploys", by=Actor.system())
        private = make_incident()
        Incident.objects.filter(pk=private.pk).update(private=True)
        for body, field in (
            ({}, "inputs.host"),
            ("{", "body"),
            ({"inputs": []}, "inputs"),
            ({"inputs": {"host": "a"}, "incident": private.number}, "incident"),
            ({"inputs": {"host": "a"}, "incident": 999_999}, "incident"),
        ):
            answer = self.post(key, body)
            assert answer.status_code == 422, body
            assert field in answer.json()["errors"], body
        assert self.post("nonsense", {}).status_code == 404
        do(revoke_hook, hook=hook, by=Actor.system())
        assert self.post(key, {"inputs": {"host": "a"}}).status_code == 404
        assert not Run.objects.exists()


class TestByCommand:
    """`bin/manage run_plan`."""

    def test_it_starts_a_drill_with_inputs(self) -> None:
        version = make_version([step("look")], inputs=INPUT)
        out = StringIO()
        call_command("run_plan", version.plan.key, "--drill", "--input", "host=web1", stdout=out)
        run = Run.objects.get()
        assert out.getvalue().startswith(f"{run.pk}  ")
        assert (run.drill, run.inputs, run.started_via) == (True, {"host": "web1"}, "cli")

    def test_it_follows_a_run_to_its_end(self) -> None:
        version = make_version([step("end", "end", end={"outcome": "done"})])
        out = StringIO()
        call_command("run_plan", version.plan.key, "--wait", stdout=out)
        assert "done: Ended at “End”." in out.getvalue()
        failed = make_version([step("end", "end", end={"outcome": "failed"})])
        with pytest.raises(CommandError) as caught:
            call_command("run_plan", failed.plan.key, "--wait", stdout=out)
        assert caught.value.returncode == 1

    def test_each_wrong_input_has_its_line(self) -> None:
        version = make_version([step("look")], inputs=INPUT)
        with pytest.raises(CommandError, match="host: Host is needed"):
            call_command("run_plan", version.plan.key)
        with pytest.raises(CommandError, match="Write inputs as name=value"):
            call_command("run_plan", version.plan.key, "--input", "host")


def test_only_a_published_version_of_a_living_plan_starts() -> None:
    version = make_version([step("look")])
    version.plan.archived_at = NOW
    with pytest.raises(IllegalMove, match="is archived"):
        do(start_run, version=version, by=Actor.system())
    version.state = "draft"
    with pytest.raises(IllegalMove, match="is not published"):
        do(start_run, version=version, by=Actor.system())


def test_secret_inputs_are_kept_apart() -> None:
    version = make_version([step("look")], inputs={**INPUT, "password": {"type": "secret", "title": "Password"}})
    run = begin(version, inputs={"host": "web1", "password": "hunter22"})
    assert fresh(run).inputs == {"host": "web1"}
    assert json.loads(fresh(run).secret_inputs) == {"password": "hunter22"}
