"""What people do to runs and steps, each move twice, and what is refused."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from eap.models import Evidence, StepTarget
from eap.operations.runs.add_evidence import Proof, add_evidence
from eap.operations.runs.add_step import add_step
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.pause_run import pause_run, resume_run
from eap.operations.runs.reassign_step import reassign_step
from eap.operations.runs.retry_step import retry_step
from eap.operations.runs.skip_step import fail_step, skip_step
from eap.operations.runs.start_step import start_step
from eap.operations.runs.stop_run import stop_run
from incidents.operations.merge import merge
from incidents.timeline import timeline
from ledger.models import Entry
from people.models import Person
from tests.builders import NOW, by, make_person, make_tier
from tests.eap.runs.actions import fails, once
from tests.eap.runs.builders import (
    MINUTE,
    at,
    automation,
    begin,
    carry_out,
    chain,
    do,
    entries,
    fresh,
    go,
    make_hosts,
    make_incident,
    make_version,
    page_of,
    states,
    step,
)
from web.errors import BadInput, IllegalMove, NotFound

pytestmark = pytest.mark.django_db


def test_every_move_made_twice_is_made_once(otto: Person) -> None:
    run = begin(make_version(chain(step("a"), step("b"), step("c"))), who=otto)
    a, b = at(run, "a").pk, at(run, "b").pk
    for _ in range(2):
        do(start_step, step_id=a, by=by(otto))
    for _ in range(2):
        do(complete_step, step_id=a, by=by(otto))
    for _ in range(2):
        do(skip_step, step_id=b, reason="Not today", by=by(otto))
    for _ in range(2):
        do(pause_run, run_id=run.pk, by=by(otto))
    for _ in range(2):
        do(resume_run, run_id=run.pk, by=by(otto))
    for _ in range(2):
        do(stop_run, run_id=run.pk, by=by(otto))
    verbs = ("run.step_started", "run.step_done", "run.step_skipped", "run.paused", "run.resumed", "run.stopping")
    assert [entries(run, verb) for verb in verbs] == [1] * 6
    assert fresh(run).state == "stopped"


def test_what_is_over_can_not_be_moved(otto: Person) -> None:
    run = begin(make_version(chain(step("a"), step("b"))), who=otto)
    a, b = at(run, "a").pk, at(run, "b").pk
    with pytest.raises(IllegalMove, match="waits for other steps"):
        do(complete_step, step_id=b, by=by(otto))
    do(complete_step, step_id=a, by=by(otto))
    with pytest.raises(IllegalMove, match="This step is done"):
        do(fail_step, step_id=a, reason="No", by=by(otto))
    do(complete_step, step_id=b, by=by(otto))
    with pytest.raises(IllegalMove, match="This run is done"):
        do(skip_step, step_id=a, reason="No", by=by(otto))
    with pytest.raises(IllegalMove, match="This run is done"):
        do(stop_run, run_id=run.pk, by=by(otto))
    with pytest.raises(NotFound):
        do(complete_step, step_id=10**9, by=by(otto))


def test_a_skip_and_a_failure_need_a_reason(otto: Person) -> None:
    run = begin(make_version([step("a")]), who=otto)
    for operation in (skip_step, fail_step):
        with pytest.raises(BadInput, match="Say why"):
            do(operation, step_id=at(run, "a").pk, reason="  ", by=by(otto))


def test_a_step_skipped_by_a_person_lets_the_next_one_begin(otto: Person) -> None:
    run = begin(make_version(chain(step("a"), step("b"))), who=otto)
    do(skip_step, step_id=at(run, "a").pk, reason="Done last week", by=by(otto))
    assert states(run) == {"a": "skipped", "b": "ready"}
    entry = Entry.objects.get(subject=run.subject, verb="run.step_skipped")
    assert "Done last week" not in str(entry.payload), "a reason is personal text, beside the chain"


def test_a_step_that_must_not_be_missed_is_not_left_out(otto: Person) -> None:
    run = begin(make_version([step("a", must=True)]), who=otto)
    with pytest.raises(IllegalMove, match="must not be missed"):
        do(skip_step, step_id=at(run, "a").pk, reason="No time", by=by(otto))
    assert states(run) == {"a": "ready"}


def test_evidence_that_the_plan_asks_for_must_be_there(otto: Person) -> None:
    run = begin(make_version([step("a", evidence={"note": True, "hash": True})]), who=otto)
    a = at(run, "a").pk
    with pytest.raises(BadInput, match="needs a note and a hash"):
        do(complete_step, step_id=a, by=by(otto))
    assert at(run, "a").state == "ready"
    do(add_evidence, step_id=a, evidence=[Proof(note="It is green.")], by=by(otto))
    do(add_evidence, step_id=a, evidence=[Proof(note="It is green.")], by=by(otto))
    do(complete_step, step_id=a, evidence=[Proof(name="dump.sql", content=b"all of it")], by=by(otto))
    kinds = list(Evidence.objects.order_by("pk").values_list("kind", "sha256"))
    assert [kind for kind, _ in kinds] == ["note", "file"]
    assert kinds[1][1] == hashlib.sha256(b"all of it").hexdigest()
    assert entries(run, "run.evidence_added") == 2
    with pytest.raises(BadInput, match="hexadecimal"):
        do(add_evidence, step_id=a, evidence=[Proof(hash="not a hash")], by=by(otto))


@pytest.mark.parametrize("value", ["x" * 1_001, "a\0b", 10**400, -(10**15)])
def test_a_fact_that_nothing_can_keep_is_refused(otto: Person, value: str | int) -> None:
    run = begin(make_version([step("a")]), who=otto)
    with pytest.raises(BadInput, match="The fact lamps is too long"):
        do(complete_step, step_id=at(run, "a").pk, facts={"lamps": value}, by=by(otto))


def test_a_step_given_to_somebody_else_calls_them(otto: Person) -> None:
    olga = make_person("Olga")
    run = begin(make_version([step("a")]), who=otto)
    do(reassign_step, step_id=at(run, "a").pk, person=olga, by=by(otto))
    assert at(run, "a").person == olga
    assert page_of(run, "a").policy["levels"][0]["targets"][0]["name"] == "Olga"
    gone = make_person("Sid", active=False)
    with pytest.raises(BadInput, match="does not work here"):
        do(reassign_step, step_id=at(run, "a").pk, person=gone, by=by(otto))


def test_an_added_step_comes_after_some_and_before_others(otto: Person) -> None:
    run = begin(make_version(chain(step("a"), step("b"))), who=otto)
    do(add_step, run_id=run.pk, title="Ring the bell", after=["a"], before=["b"], by=by(otto))
    assert states(run) == {"a": "ready", "b": "waiting", "added_1": "waiting"}
    do(complete_step, step_id=at(run, "a").pk, by=by(otto))
    assert states(run) == {"a": "done", "b": "waiting", "added_1": "ready"}
    do(complete_step, step_id=at(run, "added_1").pk, by=by(otto))
    do(complete_step, step_id=at(run, "b").pk, by=by(otto))
    assert fresh(run).state == "done"


def test_an_added_step_that_makes_no_sense_is_refused(otto: Person) -> None:
    run = begin(make_version(chain(step("a"), step("b"), step("c"))), who=otto)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"title": " "}, "Say in one line"),
        ({"title": "x", "after": ["nowhere"]}, "no step 'nowhere'"),
        ({"title": "x", "before": ["a"]}, "has unlocked already"),
        ({"title": "x", "after": ["c"], "before": ["b"]}, "both before and after"),
    ]
    for given, sentence in refused:
        with pytest.raises(BadInput, match=sentence):
            do(add_step, run_id=run.pk, by=by(otto), **given)


def test_while_paused_nothing_begins_and_what_came_due_begins_afterwards(otto: Person) -> None:
    make_hosts("web1", "web2", "web3")
    version = make_version([step("a"), step("b", needs=["a"]), automation("c", targets={"hosts": "web", "canary": 1})])
    run = begin(version, who=otto)
    do(pause_run, run_id=run.pk, by=by(otto))
    assert carry_out(NOW) == 0, "what was released before is not begun either"
    do(complete_step, step_id=at(run, "a").pk, by=by(otto))
    assert states(run) == {"a": "done", "b": "waiting", "c": "active"}
    do(resume_run, run_id=run.pk, by=by(otto))
    go()
    assert states(run) == {"a": "done", "b": "ready", "c": "done"}


def test_the_incidents_timeline_tells_the_run(otto: Person) -> None:
    incident = make_incident()
    run = begin(make_version(chain(step("a", title="Look"), step("b", title="Mend"))), who=otto, incident=incident)
    do(complete_step, step_id=at(run, "a").pk, by=by(otto))
    do(skip_step, step_id=at(run, "b").pk, reason="No need", by=by(otto))
    sentences = [line.sentence for line in timeline(incident)]
    assert sentences[-4:] == [
        "Otto started “Restore the web server”",
        "Look: Otto did it.",
        "Otto skipped: Mend",
        "“Restore the web server” is done after 0 s. All steps are over.",
    ]


def test_a_failed_step_asks_somebody_and_may_be_tried_again(otto: Person) -> None:
    once.behave[""] = fails("No route.", times=1)
    run = begin(make_version(chain(automation("a", "test-once"), step("b"))), who=otto)
    go()
    assert (at(run, "a").state, fresh(run).state) == ("failed", "running")
    assert page_of(run, "a").title == "Decide: “A” failed"
    do(retry_step, step_id=at(run, "a").pk, by=by(otto))
    go()
    assert states(run) == {"a": "done", "b": "ready"}
    row = StepTarget.objects.get(run=run)
    assert row.attempt_group == 1


def test_a_drill_that_ends_well_counts_as_an_exercise_of_its_plan(otto: Person) -> None:
    version = make_version([step("a")])
    for drill, ends in ((False, None), (True, NOW + MINUTE)):
        run = begin(version, who=otto, drill=drill)
        do(complete_step, step_id=at(run, "a").pk, by=by(otto), now=NOW + MINUTE)
        version.plan.refresh_from_db()
        assert version.plan.last_exercised_at == ends


def test_a_merged_incidents_runs_go_on_with_the_other(otto: Person) -> None:
    first, second = make_incident(), make_incident()
    run = begin(make_version([step("a")]), who=otto, incident=first)
    do(merge, incident_id=first.pk, into_id=second.pk, by=by(otto))
    assert fresh(run).incident == second
    do(complete_step, step_id=at(run, "a").pk, by=by(otto))
    assert "“Restore the web server” is done" in timeline(second)[-1].sentence


def test_who_asked_for_the_whole_is_not_called_to_approve_a_part() -> None:
    vic, vera = make_person("Vic"), make_person("Vera")
    make_tier("vp", vic, vera)
    child = make_version(
        [step("agree", "approval", approval={"roles": ["vp"]})], roles={"vp": {"title": "VP", "tier": "vp"}}
    )
    begin(make_version([step("sub", "sub_plan", sub_plan={"plan": child.plan.key})]), who=vic)
    go()
    assert at(child.runs.get(), "agree").line == [str(vera.pk)]
