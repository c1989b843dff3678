"""Walking back over what a run did."""

from __future__ import annotations

from typing import Any

import pytest

from eap.operations.runs.complete_step import complete_step
from eap.operations.runs.undo_run import undo_run
from people.models import Person
from tests.builders import by
from tests.eap.runs.actions import fails, once, set_
from tests.eap.runs.builders import (
    at,
    automation,
    begin,
    chain,
    do,
    fresh,
    go,
    make_hosts,
    make_version,
    states,
    step,
)
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db


def back() -> dict[str, Any]:
    """Return an automation that says how it is taken back."""
    return {"undo": {"action": "test-set", "with": {"text": "back"}}}


def test_declared_undos_run_in_reverse_order(otto: Person) -> None:
    version = make_version(chain(automation("a", **back()), step("b"), automation("c", **back()), step("d")))
    run = begin(version, who=otto)
    go()
    do(complete_step, step_id=at(run, "b").pk, by=by(otto))
    go()
    do(undo_run, run_id=run.pk, reason="It made things worse", by=by(otto))
    do(undo_run, run_id=run.pk, reason="It made things worse", by=by(otto))
    go()
    assert states(run)["d"] == "cancelled"
    assert set_.called("undo") == ["", ""]
    order = [key.split(":")[1] for how, _, key in set_.calls if how == "undo"]
    assert order == [str(at(run, "undo_c").pk), str(at(run, "undo_a").pk)]
    assert (fresh(run).state, fresh(run).outcome) == ("stopped", "What could be taken back was taken back.")


def test_it_stops_at_the_last_point_of_no_return(otto: Person) -> None:
    version = make_version(
        chain(
            automation("a", **back()),
            automation("b", point_of_no_return=True),
            automation("c", **back()),
            step("d"),
        )
    )
    run = begin(version, who=otto)
    go()
    do(undo_run, run_id=run.pk, reason="No", by=by(otto))
    go()
    assert "undo_c" in states(run)
    assert "undo_a" not in states(run)


def test_a_fan_out_is_taken_back_where_it_was_done(otto: Person) -> None:
    make_hosts("web1", "web2", "web3")
    set_.behave["web2"] = fails()
    version = make_version([automation("a", targets={"hosts": "web", "canary": 2}, **back())])
    run = begin(version, who=otto)
    go()
    set_.behave.clear()
    do(undo_run, run_id=run.pk, reason="No", by=by(otto))
    go()
    assert sorted(set_.called("undo")) == ["web1", "web2"], "web3 never began, of web2 nobody can be sure"
    assert fresh(run).state == "stopped"


def test_a_run_that_has_ended_may_be_taken_back(otto: Person) -> None:
    run = begin(make_version([automation("a", **back())]), who=otto)
    go()
    assert fresh(run).state == "done"
    do(undo_run, run_id=run.pk, reason="No", by=by(otto))
    go()
    assert fresh(run).state == "stopped"


def test_where_nothing_says_how_it_is_refused(otto: Person) -> None:
    run = begin(make_version(chain(automation("a"), step("b"))), who=otto)
    go()
    with pytest.raises(IllegalMove, match="Nothing can be taken back"):
        do(undo_run, run_id=run.pk, reason="No", by=by(otto))


def test_another_action_takes_back_by_doing(otto: Person) -> None:
    version = make_version(
        [automation("a", undo={"action": "test-once", "with": {"text": "{inputs.x}"}})],
        inputs={"x": {"type": "text", "title": "X"}},
    )
    run = begin(version, who=otto, inputs={"x": "back again"})
    go()
    do(undo_run, run_id=run.pk, reason="No", by=by(otto))
    go()
    assert [told.text for told in once.told] == ["back again"]
