"""Each kind of step that Muster does by itself, from its unlocking to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eap.models import RunStep, StepTarget
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.skip_step import fail_step
from tests.builders import NOW, by, make_person
from tests.eap.runs.actions import fails, look, once, set_
from tests.eap.runs.builders import (
    MINUTE,
    at,
    automation,
    begin,
    chain,
    do,
    fresh,
    go,
    make_incident,
    make_version,
    states,
    step,
)

pytestmark = pytest.mark.django_db


def test_a_wait_ends_at_its_time_and_not_before() -> None:
    run = begin(make_version([step("rest", "wait", wait={"time": "10m"})]))
    go(NOW + 9 * MINUTE)
    assert at(run, "rest").state == "active"
    go(NOW + 10 * MINUTE)
    assert fresh(run).state == "done"


def test_a_wait_until_looks_again_and_gives_up() -> None:
    version = make_version(
        [step("rest", "wait", wait={"until": 'incident.status == "monitoring"', "every": "1m", "at_most": "5m"})]
    )
    incident = make_incident()
    held, given_up = begin(version, incident=incident), begin(version, incident=make_incident())
    go(NOW + MINUTE)
    incident.status = "monitoring"
    incident.save()
    go(NOW + 2 * MINUTE)
    assert fresh(held).state == "done"
    assert at(given_up, "rest").state == "active"
    go(NOW + 5 * MINUTE)
    assert at(given_up, "rest").state == "failed"


def test_an_automation_leaves_facts_and_its_input_is_filled() -> None:
    version = make_version(
        chain(automation("find", "test-look", text="on {inputs.host}"), automation("mend", text="{steps.find.count}x")),
        inputs={"host": {"type": "text", "title": "Host"}},
    )
    run = begin(version, inputs={"host": "web1"})
    go()
    assert [told.text for told in look.told] == ["on web1"]
    assert [told.text for told in set_.told] == ["3x"]
    assert at(run, "find").facts == {"text": "on web1", "count": 3}
    assert fresh(run).state == "done"


def test_an_automation_tries_again_for_a_passing_reason_and_no_other() -> None:
    set_.behave["*"] = fails("Busy.", passing=True, times=2)
    once.behave["*"] = fails("Broken.")
    version = make_version(
        [automation("mend", retry={"times": 3, "wait": "10s"}), automation("burn", "test-once", retry={"times": 3})]
    )
    run = begin(version)
    go()
    assert at(run, "burn").state == "failed"
    assert len(once.called()) == 1
    assert at(run, "mend").state == "active"
    go(NOW + timedelta(seconds=10))
    go(NOW + timedelta(seconds=29))
    assert at(run, "mend").state == "active"
    go(NOW + timedelta(seconds=30))
    assert at(run, "mend").state == "done"
    keys = {key for _, _, key in set_.calls}
    assert len(keys) == 1, "a try that is repeated keeps its idempotency key"


def test_a_verify_holds_its_result_against_what_it_expects() -> None:
    version = make_version(
        [
            automation("good", "test-look", kind="verify", expect="result.count == 3"),
            automation("bad", "test-look", kind="verify", expect="result.count > 3", on_failure="continue"),
            automation("own", "test-set", kind="verify"),
        ]
    )
    run = begin(version)
    go()
    assert states(run) == {"good": "done", "bad": "failed", "own": "done"}
    assert "Not as expected (result.count > 3)" in at(run, "bad").sentence
    assert set_.called("verify") == [""]
    assert set_.called("apply") == []


def test_a_sub_plan_is_a_run_of_its_own_and_ends_its_step() -> None:
    otto = make_person("Otto")
    child = make_version([step("inner")], inputs={"host": {"type": "text", "title": "Host"}})
    parent = make_version(
        chain(
            step("sub", "sub_plan", sub_plan={"plan": child.plan.key, "inputs": {"host": "{inputs.host}"}}),
            step("then"),
        ),
        inputs={"host": {"type": "text", "title": "Host"}},
    )
    run = begin(parent, who=otto, inputs={"host": "web1"})
    go()
    (inner,) = child.runs.all()
    assert (inner.inputs, inner.started_by, inner.parent) == ({"host": "web1"}, otto, at(run, "sub"))
    do(complete_step, step_id=at(inner, "inner").pk, by=by(otto))
    go()
    assert states(run) == {"sub": "done", "then": "ready"}


def test_a_sub_plan_that_fails_fails_its_step() -> None:
    otto = make_person("Otto")
    child = make_version([step("inner", on_failure="stop")])
    run = begin(make_version([step("sub", "sub_plan", sub_plan={"plan": child.plan.key})]), who=otto)
    go()
    do(fail_step, step_id=at(child.runs.get(), "inner").pk, reason="No way", by=by(otto))
    assert child.runs.get().state == "failed"
    go()
    assert at(run, "sub").state == "failed"
    assert at(run, "sub").sentence.startswith("The plan it runs failed.")


def test_a_missing_sub_plan_fails_its_step() -> None:
    run = begin(make_version([step("sub", "sub_plan", sub_plan={"plan": "nowhere"})]))
    go()
    assert at(run, "sub").sentence == "There is no published plan 'nowhere'."


@pytest.mark.parametrize(("outcome", "state"), [("done", "done"), ("failed", "failed")])
def test_an_end_cancels_what_waits_and_ends_the_run(outcome: str, state: str) -> None:
    otto = make_person("Otto")
    version = make_version(
        [
            step("look"),
            step("long"),
            step("stop", "end", needs=["look"], end={"outcome": outcome}),
            step("never", needs=["long"]),
        ]
    )
    run = begin(version, who=otto)
    do(complete_step, step_id=at(run, "look").pk, by=by(otto))
    assert fresh(run).state == state
    assert states(run) == {"look": "done", "long": "cancelled", "stop": "done", "never": "cancelled"}


def test_what_a_plan_says_for_a_failure_is_done() -> None:
    otto = make_person("Otto")
    for on_failure, ends, after in (
        ("ask", "running", "waiting"),
        ("stop", "failed", "cancelled"),
        ("continue", "running", "ready"),
    ):
        run = begin(make_version(chain(step("try", on_failure=on_failure), step("then"))), who=otto)
        do(fail_step, step_id=at(run, "try").pk, reason="It won't", by=by(otto))
        assert (fresh(run).state, states(run)["then"]) == (ends, after), on_failure


def test_an_action_that_nobody_registered_fails_with_a_sentence() -> None:
    run = begin(make_version([automation("mend", "no-such-action")]))
    assert at(run, "mend").sentence == "There is no action called 'no-such-action' here."
    assert not StepTarget.objects.exists()


def test_planned_and_real_time_stand_on_the_row() -> None:
    otto = make_person("Otto")
    run = begin(make_version([step("mend", due="10m")]), who=otto)
    do(complete_step, step_id=at(run, "mend").pk, by=by(otto), now=NOW + 3 * MINUTE)
    row = RunStep.objects.get(run=run)
    assert row.planned_s == 600
    assert row.ended_at is not None
    assert row.started_at is not None
    assert (row.ended_at - row.started_at) == 3 * MINUTE
