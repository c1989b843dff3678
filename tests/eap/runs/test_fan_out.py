"""Automations over many hosts: canary, waves, limits, rate, retries, drills."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from eap.models import Run, StepTarget
from eap.operations.runs.retry_step import retry_step
from eap.operations.runs.settle_unknown import settle_unknown
from eap.operations.runs.skip_step import skip_step
from engine.duties import run_once
from tests.builders import NOW, by, make_person
from tests.eap.runs.actions import fails, is_lost, once, set_
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
)
from web.errors import BadInput

pytestmark = pytest.mark.django_db

TEN = [f"web{number}" for number in range(10)]


def fan_out(action: str = "test-set", *, drill: bool = False, **targets: Any) -> Run:
    """Start a run with one fan-out over the ten web hosts, as Otto."""
    version = make_version([automation("do", action, targets={"hosts": "web", **targets})])
    return begin(version, who=make_person("Otto"), drill=drill)


def hosts(run: Run, *states: str) -> list[str]:
    """Return the hosts of the fan-out in one of these states."""
    return list(StepTarget.objects.filter(run=run, state__in=states).order_by("name").values_list("name", flat=True))


def test_the_canary_comes_first_then_each_wave() -> None:
    make_hosts(*TEN)
    run = fan_out(canary=2, waves=["3", "50%"])
    waves = list(StepTarget.objects.order_by("position").values_list("wave", flat=True))
    assert waves == [0, 0, 1, 1, 1, 2, 2, 2, 2, 3]
    carry_out(NOW)
    assert set_.called() == TEN[:2]
    run_once("runs", now=NOW)
    carry_out(NOW)
    assert set_.called() == TEN[:5]
    go()
    assert set_.called() == TEN
    assert at(run, "do").facts == {"hosts": 10, "done": 10, "failed": 0, "unknown": 0, "left": 0}
    assert fresh(run).state == "done"


def test_no_more_run_at_once_than_the_plan_allows() -> None:
    make_hosts(*TEN)
    run = fan_out(canary=0, concurrency=3)
    released = StepTarget.objects.filter(run=run, released_at__isnull=False)
    assert released.count() == 3
    first = released.order_by("position").first()
    assert first is not None
    StepTarget.objects.filter(pk=first.pk).update(state="done", ended_at=NOW)
    Run.objects.update(next_look_at=NOW)
    run_once("runs", now=NOW)
    assert released.count() == 4
    go()
    assert fresh(run).state == "done"


def test_no_faster_than_the_plan_allows() -> None:
    make_hosts(*TEN)
    run = fan_out(canary=0, concurrency=5, per_second=2)
    go()
    assert len(set_.called()) == 1
    go(NOW + timedelta(seconds=2))
    assert len(set_.called()) == 5
    go(NOW + timedelta(seconds=4.6))
    assert fresh(run).state == "done"
    moments = sorted(row.released_at for row in StepTarget.objects.filter(run=run) if row.released_at)
    gaps = [(after - before).total_seconds() for before, after in itertools.pairwise(moments)]
    assert min(gaps) >= 0.5


def test_a_failure_in_the_canary_stops_and_the_rest_never_starts() -> None:
    make_hosts(*TEN)
    set_.behave["web1"] = fails()
    run = fan_out(canary=2)
    go()
    assert set_.called() == ["web0", "web1"]
    step = at(run, "do")
    assert (step.state, hosts(run, "skipped")) == ("failed", TEN[2:])
    assert "there any failure stops" in step.sentence


@pytest.mark.parametrize(("limit", "failing", "state"), [(2, 2, "done"), (2, 3, "failed"), (0, 1, "failed")])
def test_more_failures_than_the_limit_stop_it(limit: int, failing: int, state: str) -> None:
    make_hosts(*TEN)
    for name in TEN[:failing]:
        set_.behave[name] = fails()
    run = fan_out(canary=0, concurrency=1, total_limits={"failures": limit})
    go()
    assert at(run, "do").state == state
    if state == "failed":
        assert len(set_.called()) == limit + 1


def test_without_a_limit_nothing_stops_it_but_it_does_not_end_well() -> None:
    make_hosts(*TEN)
    set_.behave["web5"] = fails()
    run = fan_out(canary=1)
    go()
    assert len(set_.called()) == 10
    assert at(run, "do").state == "failed"
    assert at(run, "do").sentence == "9 of 10 done, 1 failed."


def test_an_unknown_outcome_counts_as_a_failure_and_asks() -> None:
    make_hosts(*TEN)
    once.behave["web3"] = is_lost()
    run = fan_out("test-once", canary=1, total_limits={"failures": 1})
    go()
    assert at(run, "do").state == "unknown"
    assert hosts(run, "unknown") == ["web3"]


def test_what_is_unknown_is_settled_by_a_person() -> None:
    otto = make_person("Otto")
    make_hosts(*TEN)
    once.behave["web3"] = is_lost()
    once.behave["web4"] = is_lost()
    run = fan_out("test-once", canary=1, total_limits={"failures": 2})
    go()
    step = at(run, "do").pk
    do(settle_unknown, step_id=step, as_="done", hosts=["web3"], reason="I looked", by=by(otto))
    assert at(run, "do").state == "unknown", "one is still unknown"
    with pytest.raises(BadInput, match="everybody reads it"):
        do(settle_unknown, step_id=step, as_="done", reason=" ", by=by(otto))
    once.behave.clear()
    do(settle_unknown, step_id=step, as_="repeat", hosts=["web4"], reason="It was not done", by=by(otto))
    go()
    assert fresh(run).state == "done"
    keys = [key for how, name, key in once.calls if how == "apply" and name == "web4"]
    assert [key.rsplit(":", 1)[1] for key in keys] == ["0", "1"], "a repetition is a new attempt group"


def test_a_retry_takes_only_what_is_chosen() -> None:
    otto = make_person("Otto")
    make_hosts(*TEN)
    for name in ("web2", "web3"):
        set_.behave[name] = fails()
    run = fan_out(canary=1, concurrency=1, total_limits={"failures": 1})
    go()
    assert set_.called() == TEN[:4]
    set_.behave.clear()
    set_.calls.clear()
    do(retry_step, step_id=at(run, "do").pk, hosts=["web2"], by=by(otto))
    go()
    assert set_.called() == ["web2"]
    assert at(run, "do").state == "failed"
    do(retry_step, step_id=at(run, "do").pk, selections=["failed"], by=by(otto))
    go()
    assert set_.called() == ["web2", "web3"]
    with pytest.raises(BadInput, match="None of its hosts"):
        do(retry_step, step_id=at(run, "do").pk, selections=["unknown"], by=by(otto))
    do(retry_step, step_id=at(run, "do").pk, selections=["not_started"], by=by(otto))
    go()
    assert set_.called() == ["web2", *TEN[3:]]
    assert fresh(run).state == "done"


def test_a_retry_never_repeats_what_is_unknown_unless_it_is_chosen() -> None:
    otto = make_person("Otto")
    once.behave[""] = is_lost()
    run = begin(make_version([automation("do", "test-once")]), who=otto)
    go()
    assert at(run, "do").state == "unknown"
    with pytest.raises(BadInput, match="Choose `unknown` to do it once more"):
        do(retry_step, step_id=at(run, "do").pk, by=by(otto))
    once.behave.clear()
    do(retry_step, step_id=at(run, "do").pk, selections=["unknown"], by=by(otto))
    go()
    assert fresh(run).state == "done"


def test_a_drill_runs_on_its_own_hosts() -> None:
    make_hosts(*TEN)
    make_hosts("drill1", "drill2", drill=True)
    run = fan_out("test-once", drill=True)
    go()
    assert once.called("apply") == ["drill1", "drill2"]
    assert fresh(run).state == "done"


def test_a_drill_without_hosts_is_rehearsed() -> None:
    make_hosts(*TEN)
    run = fan_out("test-once", drill=True)
    go()
    assert (once.called("apply"), once.called("plan")) == ([], [""])
    assert "Rehearsed, not done" in StepTarget.objects.get(run=run).sentence
    assert fresh(run).state == "done"


def test_a_drill_rehearses_what_can_not_be_undone_and_does_the_rest() -> None:
    version = make_version(
        [automation("burn", "test-once"), automation("set", "test-set"), automation("see", "test-look")]
    )
    begin(version, drill=True)
    go()
    assert (once.called("apply"), once.called("plan"), set_.called("apply")) == ([], [""], [""])


def test_a_group_without_hosts_fails_with_a_sentence() -> None:
    run = fan_out()
    assert "No inventory has a group or a host called web" in at(run, "do").sentence


def test_hosts_may_come_from_an_input() -> None:
    make_hosts(*TEN)
    version = make_version(
        [automation("do", targets={"hosts": "inputs.which"})], inputs={"which": {"type": "hosts", "title": "Which"}}
    )
    run = begin(version, inputs={"which": "web3, web5"})
    go()
    assert set_.called() == ["web3", "web5"]
    assert fresh(run).state == "done"


def test_a_failed_fan_out_may_be_skipped() -> None:
    otto = make_person("Otto")
    make_hosts(*TEN)
    set_.behave["web0"] = fails()
    run = fan_out()
    go()
    do(skip_step, step_id=at(run, "do").pk, reason="By hand", by=by(otto))
    assert fresh(run).state == "done"
