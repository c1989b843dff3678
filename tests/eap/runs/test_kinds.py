"""Each kind of step from its unlocking to its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from eap.models import PlanVersion, RunStep, StepTarget
from eap.operations.runs.answer_lines import Answered, answer_lines
from eap.operations.runs.choose import choose
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.skip_step import fail_step
from eap.operations.runs.start_step import start_step
from ledger.models import Entry
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from statuspage.models import StatusPage, StatusUpdate
from tests.builders import NOW, by, make_person, make_policy
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
    page_of,
    states,
    step,
)
from web.errors import BadInput, IllegalMove

pytestmark = pytest.mark.django_db


def test_a_manual_step_calls_its_role_and_ends_when_it_is_done() -> None:
    otto = make_person("Otto")
    version = make_version(
        chain(step("look", role="ops"), step("mend", role="ops")), roles={"ops": {"title": "OPS", "person": otto.email}}
    )
    run = begin(version)
    assert states(run) == {"look": "ready", "mend": "waiting"}
    assert at(run, "look").person == otto
    page = page_of(run, "look")
    assert (page.subject, page.title) == (run.subject, "Look")

    do(start_step, step_id=at(run, "look").pk, by=by(otto))
    assert Page.objects.get(pk=page.pk).state == "cancelled"
    do(complete_step, step_id=at(run, "look").pk, by=by(otto), now=NOW + MINUTE)
    assert states(run) == {"look": "done", "mend": "ready"}
    assert at(run, "mend").page_id is None, "who just acted is not called"

    do(complete_step, step_id=at(run, "mend").pk, by=by(otto), now=NOW + 2 * MINUTE)
    assert fresh(run).state == "done"
    verbs = list(Entry.objects.filter(subject=run.subject).order_by("seq").values_list("verb", flat=True))
    assert verbs[0] == "run.started"
    assert verbs[-1] == "run.ended"
    assert verbs.count("run.step_done") == 2


def test_a_pause_point_ends_only_with_every_line_and_no_miss() -> None:
    otto = make_person("Otto")
    lines = [{"text": "Backup is there", "must": True}, {"text": "Customers know"}]
    run = begin(make_version([step("pause", "pause_point", lines=lines)]), who=otto)
    pause = at(run, "pause").pk

    with pytest.raises(IllegalMove, match="2 of 2 lines have no answer"):
        do(complete_step, step_id=pause, by=by(otto))
    do(answer_lines, step_id=pause, answers=[Answered(line=0, answer="no", initials="OO")], by=by(otto))
    do(answer_lines, step_id=pause, answers=[Answered(line=1, answer="na", initials="OO")], by=by(otto))
    assert at(run, "pause").state == "active"
    with pytest.raises(IllegalMove, match="must not be missed"):
        do(complete_step, step_id=pause, by=by(otto))
    with pytest.raises(BadInput, match="write your initials"):
        do(answer_lines, step_id=pause, answers=[Answered(line=0, answer="yes", initials=" ")], by=by(otto))
    do(answer_lines, step_id=pause, answers=[Answered(line=0, answer="yes", initials="OO")], by=by(otto))
    do(complete_step, step_id=pause, by=by(otto))
    assert fresh(run).state == "done"


def test_a_page_step_ends_when_somebody_answers() -> None:
    vic = make_person("Vic")
    version = make_version(
        [step("call", "page", page={"role": "vp", "title": "Join the bridge"})],
        roles={"vp": {"title": "VP", "person": vic.email}},
    )
    run = begin(version)
    page = page_of(run, "call")
    assert (at(run, "call").state, page.title) == ("active", "Join the bridge")
    go()
    assert at(run, "call").state == "active"
    do(acknowledge, page_id=page.pk, person=vic, by=by(vic, "sms"))
    go()
    assert at(run, "call").sentence == "Vic answered."
    assert fresh(run).state == "done"


def test_a_page_step_fails_when_nobody_answers() -> None:
    policy = make_policy((60, [make_person("Vic")]), rounds=1)
    version = make_version([step("call", "page", page={"policy": policy.name, "title": "Come"}, on_failure="continue")])
    run = begin(version)
    Page.objects.filter(pk=page_of(run, "call").pk).update(state="exhausted", ended_at=NOW)
    run_look(run)
    assert at(run, "call").sentence == "Nobody answered the page."
    assert fresh(run).state == "done"


def run_look(run: Any) -> None:
    """Have a run looked at now."""
    type(run).objects.filter(pk=run.pk).update(next_look_at=NOW)
    go()


def test_a_page_step_by_an_unknown_policy_fails_with_a_sentence() -> None:
    run = begin(make_version([step("call", "page", page={"policy": "Nobody's", "title": "Come"})]))
    assert at(run, "call").state == "failed"
    assert "no escalation policy called" in at(run, "call").sentence


def test_a_status_update_lays_a_draft_and_keeps_the_link() -> None:
    StatusPage.objects.create(name="Harbor", created_at=NOW, updated_at=NOW)
    update = {"name": "Web hosting", "stage": "investigating", "texts": {"en": "We look into {inputs.what}."}}
    version = make_version(
        [step("tell", "status_update", update=update)], inputs={"what": {"type": "text", "title": "What"}}
    )
    incident = make_incident("Secret customer Acme is down")
    run = begin(version, incident=incident, inputs={"what": "slow pages"})
    go()
    (draft,) = StatusUpdate.objects.all()
    assert draft.state == "draft"
    assert draft.texts == {"en": "We look into slow pages."}
    assert draft.public_incident.name == "Web hosting"
    assert at(run, "tell").link == f"/status-pages/updates/{draft.pk}/"
    assert fresh(run).state == "done"
    go()
    assert StatusUpdate.objects.count() == 1


def test_a_second_status_update_goes_on_with_the_first() -> None:
    StatusPage.objects.create(name="Harbor", created_at=NOW, updated_at=NOW)
    first = {"name": "Web hosting", "stage": "investigating", "texts": {"en": "We look."}}
    then = {"name": "Web hosting", "stage": "identified", "texts": {"en": "We found it."}}
    version = make_version(chain(step("a", "status_update", update=first), step("b", "status_update", update=then)))
    run = begin(version, incident=make_incident())
    go()
    assert states(run) == {"a": "done", "b": "done"}
    assert StatusUpdate.objects.values_list("public_incident", flat=True).distinct().count() == 1


def test_a_drill_lays_no_draft() -> None:
    StatusPage.objects.create(name="Harbor", created_at=NOW, updated_at=NOW)
    update = {"name": "Web hosting", "stage": "investigating", "texts": {"en": "We look."}}
    run = begin(make_version([step("tell", "status_update", update=update)]), drill=True)
    go()
    assert not StatusUpdate.objects.exists()
    assert at(run, "tell").sentence.startswith("Exercise:")


def test_without_a_status_page_the_step_fails_and_asks() -> None:
    otto = make_person("Otto")
    update = {"name": "Web hosting", "stage": "investigating", "texts": {"en": "We look."}}
    run = begin(make_version([step("tell", "status_update", update=update)]), who=otto)
    go()
    assert (at(run, "tell").state, at(run, "tell").sentence) == ("failed", "There is no status page to draft for.")
    assert fresh(run).state == "running"


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


def test_a_decision_by_a_person_leaves_the_other_branch_out() -> None:
    otto = make_person("Otto")
    run = begin(_branches(by_=None), who=otto)
    assert states(run)["which"] == "ready"
    with pytest.raises(BadInput, match="Choose one of restore, rebuild"):
        do(choose, step_id=at(run, "which").pk, option="pray", by=by(otto))
    do(choose, step_id=at(run, "which").pk, option="restore", by=by(otto))
    assert states(run) == {
        "which": "done",
        "restore": "ready",
        "check_restore": "waiting",
        "rebuild": "skipped",
        "check_rebuild": "skipped",
        "after": "waiting",
    }
    for key in ("restore", "check_restore", "after"):
        do(complete_step, step_id=at(run, key).pk, by=by(otto))
    assert fresh(run).state == "done"


def test_a_decision_by_a_condition_needs_nobody() -> None:
    run = begin(_branches(by_='inputs.size > 10 ? "rebuild" : "restore"'), inputs={"size": "11"})
    assert (at(run, "which").choice, states(run)["rebuild"], states(run)["restore"]) == ("rebuild", "ready", "skipped")


def test_a_decision_whose_condition_makes_no_sense_is_a_persons() -> None:
    run = begin(
        _branches(by_='inputs.size > 10 ? "elsewhere" : "restore"'), inputs={"size": 11}, who=make_person("Otto")
    )
    assert at(run, "which").state == "ready"
    assert "A person has to choose" in at(run, "which").sentence


def _branches(*, by_: str | None) -> PlanVersion:
    options = [{"key": "restore", "title": "Restore"}, {"key": "rebuild", "title": "Rebuild"}]
    decision: dict[str, Any] = {"question": "Which?", "options": options, "by": by_}
    return make_version(
        [
            step("which", "decision", decision=decision),
            step("restore", needs=["which"], when='steps.which.choice == "restore"'),
            step("check_restore", needs=["restore"]),
            step("rebuild", needs=["which"], when='steps.which.choice == "rebuild"'),
            step("check_rebuild", needs=["rebuild"]),
            step("after", needs=["check_restore", "check_rebuild"]),
        ],
        inputs={"size": {"type": "number", "title": "Size", "required": False}},
    )


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
