"""Say what became of an automation whose outcome nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from eap.models import RunStep, StepTarget
from eap.operations.runs.advance import advance
from eap.operations.runs.board import S, check, lock_step
from eap.operations.runs.retry_step import retry_step
from eap.operations.runs.skip_step import check_reason
from ledger.actor import Actor
from web.errors import BadInput

WAYS: Final = ("done", "failed", "repeat")


def settle_unknown(
    *, step_id: int, as_: str, reason: str, by: Actor, now: datetime, hosts: Sequence[str] = ()
) -> RunStep:
    """Settle what is unknown, of all hosts or those named: it was `done`, it `failed`, or `repeat` it as a new order.

    Once no host is unknown any more the step goes on from there. Settled already, nothing changes. Raises `BadInput`
    without a reason or for another way, `IllegalMove` for a step that isn't unknown. Locks the run.
    """
    if as_ not in WAYS:
        sentence = f"Choose one of {', '.join(WAYS)}."
        raise BadInput(sentence, errors={"as": sentence})
    check_reason(reason)
    if as_ == "repeat":
        return retry_step(step_id=step_id, selections=("unknown",), hosts=hosts, reason=reason, by=by, now=now)
    board, step = lock_step(step_id, by=by, now=now)
    if step.state in (S.DONE, S.FAILED, S.ACTIVE):
        return step
    check(board, step, verb="settle")
    rows = StepTarget.objects.filter(step=step, state=StepTarget.State.UNKNOWN).exclude(purpose="preview")
    if hosts:
        rows = rows.filter(name__in=hosts)
    words = "it was done" if as_ == "done" else "it failed"
    count = rows.update(state=as_, ended_at=now, sentence=f"{by.name} says {words}.")
    if not count:
        sentence = "None of these hosts is unknown."
        raise BadInput(sentence, errors={"hosts": sentence})
    board.news.unpage(step)
    board.move(step, S.ACTIVE, sentence=f"{by.name} settled {count}.")
    board.news.say(
        board.run,
        "run.step_settled",
        step=step,
        payload={"as": as_, "hosts": count, "named": list(hosts)[:100]},
        personal=reason.strip(),
    )
    advance([board])
    return step
