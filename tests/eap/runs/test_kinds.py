"""Each kind of step that people do or answer, from its unlocking to its end."""

from __future__ import annotations

from typing import Any

import pytest

from eap.models import PlanVersion
from eap.operations.runs.answer_lines import Answered, answer_lines
from eap.operations.runs.choose import choose
from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.start_step import start_step
from ledger.models import Entry
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from statuspage.models import StatusPage, StatusUpdate
from tests.builders import NOW, by, make_person, make_policy
from tests.eap.runs.builders import (
    MINUTE,
    at,
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
