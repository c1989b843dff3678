"""Stopping a run: now, after the steps under way, after the wave under way."""

from __future__ import annotations

import pytest

from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.start_step import start_step
from eap.operations.runs.stop_run import stop_run
from engine.duties import run_once
from notifications.models import Page
from people.models import Person
from tests.builders import NOW, by
from tests.eap.runs.actions import set_
from tests.eap.runs.builders import (
    at,
    automation,
    begin,
    carry_out,
    do,
    fresh,
    go,
    make_hosts,
    make_version,
    states,
    step,
)

pytestmark = pytest.mark.django_db


def test_now_cancels_everything_that_is_not_running(otto: Person) -> None:
    run = begin(make_version([step("a"), step("b", needs=["a"]), step("w", "wait", wait={"time": "1h"})]), who=otto)
    do(stop_run, run_id=run.pk, by=by(otto), reason="False alarm")
    assert fresh(run).state == "stopped"
    assert set(states(run).values()) == {"cancelled"}
    assert not Page.objects.filter(subject=run.subject, state="paging").exists()


def test_after_the_step_lets_what_has_begun_end(otto: Person) -> None:
    run = begin(make_version([step("a"), step("b"), step("c", needs=["a"])]), who=otto)
    do(start_step, step_id=at(run, "a").pk, by=by(otto))
    do(stop_run, run_id=run.pk, how="after_step", by=by(otto))
    assert (fresh(run).state, states(run)) == ("stopping", {"a": "active", "b": "cancelled", "c": "cancelled"})
    do(complete_step, step_id=at(run, "a").pk, by=by(otto))
    assert fresh(run).state == "stopped"


def test_after_the_wave_begins_no_further_one(otto: Person) -> None:
    make_hosts(*[f"web{n}" for n in range(6)])
    version = make_version([automation("do", targets={"hosts": "web", "canary": 1, "waves": ["2"], "concurrency": 1})])
    run = begin(version, who=otto)
    carry_out(NOW)
    run_once("runs", now=NOW)
    carry_out(NOW)
    assert set_.called() == ["web0", "web1"], "in the middle of the second wave"
    do(stop_run, run_id=run.pk, how="after_batch", by=by(otto))
    go()
    assert set_.called() == ["web0", "web1", "web2"]
    assert fresh(run).state == "stopped"


def test_after_the_wave_waits_for_no_gate(otto: Person) -> None:
    make_hosts("web1", "web2", "web3")
    targets = {"hosts": "web", "canary": 1, "gate": "approval"}
    run = begin(
        make_version([automation("do", targets=targets, role="ops")], roles={"ops": {"title": "OPS"}}), who=otto
    )
    go()
    assert at(run, "do").gate == 1
    do(stop_run, run_id=run.pk, how="after_batch", by=by(otto))
    assert (fresh(run).state, at(run, "do").gate, set_.called()) == ("stopped", None, ["web1"])


def test_after_the_step_lets_a_whole_fan_out_end(otto: Person) -> None:
    make_hosts(*[f"web{n}" for n in range(6)])
    run = begin(make_version([automation("do", targets={"hosts": "web"}), step("then", needs=["do"])]), who=otto)
    do(stop_run, run_id=run.pk, how="after_step", by=by(otto))
    go()
    assert len(set_.called()) == 6
    assert (fresh(run).state, states(run)) == ("stopped", {"do": "done", "then": "cancelled"})


def test_it_may_be_made_harder_and_not_softer(otto: Person) -> None:
    run = begin(make_version([step("a")]), who=otto)
    do(start_step, step_id=at(run, "a").pk, by=by(otto))
    do(stop_run, run_id=run.pk, how="after_batch", by=by(otto))
    do(stop_run, run_id=run.pk, how="after_step", by=by(otto))
    assert fresh(run).stop == "after_batch"
    do(stop_run, run_id=run.pk, how="now", by=by(otto))
    assert fresh(run).state == "stopped"


def test_it_reaches_the_runs_that_carry_out_its_steps(otto: Person) -> None:
    child = make_version([step("inner")])
    run = begin(make_version([step("sub", "sub_plan", sub_plan={"plan": child.plan.key})]), who=otto)
    go()
    do(stop_run, run_id=run.pk, by=by(otto))
    assert fresh(run).state == "stopping"
    go()
    assert (child.runs.get().state, fresh(run).state) == ("stopped", "stopped")
