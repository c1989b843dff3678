"""Who may approve what, and each refusal with its sentence."""

from __future__ import annotations

import pytest

from eap.models import Vote
from eap.operations.runs.change_inputs import change_inputs
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.retry_step import retry_step
from eap.operations.runs.skip_step import skip_step
from eap.operations.runs.vote import vote
from ledger.actor import Actor
from ledger.models import Entry
from tests.builders import NOW, by, make_person, make_tier
from tests.eap.runs.actions import once
from tests.eap.runs.approving import agree, ready, seen
from tests.eap.runs.builders import (
    MINUTE,
    at,
    begin,
    do,
    fresh,
    go,
    make_version,
    page_of,
    states,
    step,
)
from web.errors import IllegalMove, NotAllowed

pytestmark = pytest.mark.django_db


def test_two_people_let_it_through_and_the_ledger_names_what_they_saw() -> None:
    run, _, vps = ready()
    go()
    digest = seen(run)
    assert agree(run, vps["Vic"]).state == "active"
    assert once.called() == []
    assert agree(run, vps["Vera"]).state == "done"
    go()
    assert once.called() == [""]
    assert fresh(run).state == "done"
    votes = Entry.objects.filter(subject=run.subject, verb="run.voted").order_by("seq")
    assert [entry.payload["digest"] for entry in votes] == [digest, digest]


def test_who_started_it_can_not_approve_even_with_the_role() -> None:
    vic, vera = make_person("Vic"), make_person("Vera")
    make_tier("vp", vic, vera)
    approval = {"roles": ["vp"]}
    version = make_version([step("agree", "approval", approval=approval)], roles={"vp": {"title": "VP", "tier": "vp"}})
    run = begin(version, who=vic)
    with pytest.raises(IllegalMove, match="You started this run or gave its inputs"):
        agree(run, vic)
    assert not Vote.objects.exists()
    agree(run, vera)
    assert fresh(run).state == "done"


def test_an_approval_of_what_has_changed_since_is_refused() -> None:
    run, otto, vps = ready()
    go()
    old = seen(run)
    do(change_inputs, run_id=run.pk, inputs={"host": "web2"}, by=by(otto))
    go()
    with pytest.raises(IllegalMove, match="has changed since you saw it"):
        agree(run, vps["Vic"], digest=old)


def test_changed_inputs_void_the_votes_before_and_exclude_who_changed_them() -> None:
    run, _, vps = ready()
    go()
    agree(run, vps["Vic"])
    do(change_inputs, run_id=run.pk, inputs={"host": "web2"}, by=by(vps["Ada"]))
    go()
    assert Vote.objects.get().voided_why == "The inputs were changed."
    with pytest.raises(IllegalMove, match="gave its inputs"):
        agree(run, vps["Ada"])
    agree(run, vps["Vera"])
    assert at(run, "agree").state == "active"
    agree(run, vps["Vic"])
    go()
    assert fresh(run).state == "done"


def test_all_who_changed_inputs_are_excluded_and_not_only_the_last() -> None:
    run, _, vps = ready()
    for host, who in (("web2", "Ada"), ("web3", "Vera")):
        do(change_inputs, run_id=run.pk, inputs={"host": host}, by=by(vps[who]))
    go()
    for name in ("Ada", "Vera"):
        with pytest.raises(IllegalMove, match="gave its inputs"):
            agree(run, vps[name])
    assert at(run, "agree").line == [str(vps["Vic"].pk)]
    assert page_of(run, "agree").required_acknowledgements == 1
    assert "“Agree” needs 2 people" in fresh(run).trouble


def test_an_approval_given_is_asked_for_again_when_inputs_change_and_too_late_they_can_not() -> None:
    run, otto, vps = ready(1)
    version = make_version(
        [
            step("agree", "approval", approval={"roles": ["vp"]}),
            step("burn", needs=["agree"]),
            step("then", needs=["burn"]),
        ],
        roles={"vp": {"title": "VP", "tier": "vp"}},
        inputs={"host": {"type": "text", "title": "Host"}},
    )
    run = begin(version, who=otto, inputs={"host": "web1"})
    agree(run, vps["Vic"])
    assert states(run) == {"agree": "done", "burn": "ready", "then": "waiting"}
    do(change_inputs, run_id=run.pk, inputs={"host": "web2"}, by=by(otto))
    assert states(run) == {"agree": "ready", "burn": "waiting", "then": "waiting"}
    agree(run, vps["Vic"])
    do(complete_step, step_id=at(run, "burn").pk, by=by(otto))
    with pytest.raises(IllegalMove, match="“Burn” was let through with the inputs as they are"):
        do(change_inputs, run_id=run.pk, inputs={"host": "web3"}, by=by(otto))


def test_an_expired_approval_is_a_no() -> None:
    run, _, vps = ready()
    go()
    with pytest.raises(IllegalMove, match="has expired, which counts as a no"):
        agree(run, vps["Vic"], now=NOW + 60 * MINUTE)
    go(NOW + 60 * MINUTE)
    assert at(run, "agree").state == "failed"
    assert once.called() == []


def test_without_the_role_nobody_approves() -> None:
    run, _, _ = ready()
    alma = make_person("Alma")
    with pytest.raises(NotAllowed, match="none of the roles"):
        agree(run, alma)


def test_a_destructive_approval_needs_the_second_factor_but_a_no_does_not() -> None:
    run, _, vps = ready(destructive=True)
    go()
    with pytest.raises(IllegalMove, match="needs your second factor"):
        agree(run, vps["Vic"])
    agree(run, vps["Vic"], second_factor=True)
    assert at(run, "agree").state == "active"
    agree(run, vps["Vera"], approve=False)
    assert at(run, "agree").sentence == "Vera said no."


def test_each_person_counts_once() -> None:
    run, _, vps = ready()
    go()
    agree(run, vps["Vic"])
    agree(run, vps["Vic"])  # the same again changes nothing
    assert Vote.objects.count() == 1
    with pytest.raises(IllegalMove, match="each person counts once"):
        agree(run, vps["Vic"], approve=False)
    assert at(run, "agree").state == "active"


def test_only_a_person_approves() -> None:
    run, _, _ = ready()
    with pytest.raises(NotAllowed, match="Only a person can approve"):
        do(vote, step_id=at(run, "agree").pk, approve=True, digest=seen(run), by=Actor.system())


def test_a_denied_approval_may_be_asked_for_again_and_the_old_votes_do_not_count() -> None:
    run, otto, vps = ready(1)
    go()
    agree(run, vps["Vic"], approve=False)
    assert states(run) == {"agree": "failed", "burn": "waiting"}
    do(retry_step, step_id=at(run, "agree").pk, by=by(otto))
    go()
    assert at(run, "agree").state == "ready"
    agree(run, vps["Vic"])
    go()
    assert fresh(run).state == "done"


def test_nobody_leaves_out_the_approval_of_what_they_asked_for() -> None:
    run, otto, vps = ready()
    with pytest.raises(IllegalMove, match="somebody else has to leave its approval out"):
        do(skip_step, step_id=at(run, "agree").pk, reason="I am sure", by=by(otto))
    do(skip_step, step_id=at(run, "agree").pk, reason="Agreed by phone", by=by(vps["Vic"]))
    assert at(run, "agree").state == "skipped"


def test_nobody_leaves_out_the_approval_of_what_can_not_be_undone() -> None:
    run, _, vps = ready(destructive=True)
    with pytest.raises(IllegalMove, match="can't be left out"):
        do(skip_step, step_id=at(run, "agree").pk, reason="Agreed by phone", by=by(vps["Vic"]))


def test_nobody_but_the_starter_holding_the_role_is_visible_trouble() -> None:
    vic = make_person("Vic")
    version = make_version(
        [step("agree", "approval", approval={"roles": ["vp"]})], roles={"vp": {"title": "VP", "person": vic.email}}
    )
    run = begin(version, who=vic)
    assert "Nobody may approve" in fresh(run).trouble
