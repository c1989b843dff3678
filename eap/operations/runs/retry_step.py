"""Order another attempt of a step that failed or whose outcome nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import F, Q, QuerySet

from eap.models import Run, RunStep, StepTarget, Vote
from eap.operations.runs.advance import advance
from eap.operations.runs.begin import begin
from eap.operations.runs.board import Board, S, check, lock_step
from eap.operations.runs.ending import MACHINES
from eap.roles import Roles
from ledger.actor import Actor
from web.errors import BadInput, IllegalMove

T = StepTarget.State
SELECTIONS: Final = {"failed": (T.FAILED,), "not_started": (T.SKIPPED, T.PENDING), "unknown": (T.UNKNOWN,)}
"""What may be chosen of a fan-out, by the states of its hosts; `stopped` ones go with the failed."""


def retry_step(
    *,
    step_id: int,
    by: Actor,
    now: datetime,
    selections: Sequence[str] = ("failed", "not_started"),
    hosts: Sequence[str] = (),
    reason: str = "",
) -> RunStep:
    """Try a step again. Of a fan-out only the chosen hosts: those that failed, never started, ended unknown, or those
    named in `hosts`; the others stay as they are.

    What was carried out before is repeated under a new attempt group, and so as a new order. An unknown outcome is
    repeated only where `unknown` or the host itself is chosen. Under way already, nothing changes. Raises `BadInput`
    for a choice that names nobody, `IllegalMove` for a step that did not fail. Locks the run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    if step.state in (S.READY, S.ACTIVE):
        return step
    check(board, step, verb="retry")
    if board.run.state != Run.State.RUNNING:
        raise IllegalMove("This run is paused or stops; nothing can be tried again in it now.")
    was_unknown = step.state == S.UNKNOWN
    step.attempt_group += 1
    step.started_at = step.ended_at = None
    step.lets_pass = False
    board.news.unpage(step)
    _void_votes(step, now=now)
    chosen: int | None = None
    if step.kind in MACHINES and StepTarget.objects.filter(step=step).exclude(purpose="preview").exists():
        picked = _pick(board, step, selections, hosts, was_unknown=was_unknown)
        chosen = len(picked)
        _again(board, step, picked)
    else:
        step.choice, step.link = "", ""
        begin(board, step, Roles(now=now))
    board.news.say(
        board.run,
        "run.step_retried",
        step=step,
        payload={"selections": list(selections), "hosts": chosen, "attempt": step.attempt_group},
        personal=reason.strip(),
    )
    advance([board])
    return step


def _pick(
    board: Board, step: RunStep, selections: Sequence[str], hosts: Sequence[str], *, was_unknown: bool
) -> list[StepTarget]:
    unknown = [word for word in selections if word not in SELECTIONS]
    if unknown:
        sentence = f"Choose of {', '.join(SELECTIONS)}, or name hosts."
        raise BadInput(sentence, errors={"selections": sentence})
    rows = StepTarget.objects.filter(step=step).exclude(purpose="preview")
    if board.described[step.key].targets is None and step.undoes_id is None:
        if was_unknown and "unknown" not in selections:
            sentence = "Nobody knows whether it happened. Choose `unknown` to do it once more all the same."
            raise BadInput(sentence, errors={"selections": sentence})
        return list(rows)
    picked = list(_chosen(rows, selections, hosts))
    missing = set(hosts) - {row.name for row in picked}
    if missing:
        sentence = f"{sorted(missing)[0]} is not among the hosts of this step."
        raise BadInput(sentence, errors={"hosts": sentence})
    if not picked:
        sentence = "None of its hosts is in one of the chosen states."
        raise BadInput(sentence, errors={"selections": sentence})
    return picked


def _chosen(
    rows: QuerySet[StepTarget, StepTarget], selections: Sequence[str], hosts: Sequence[str]
) -> QuerySet[StepTarget, StepTarget]:
    if hosts:
        return rows.filter(name__in=hosts)
    states = [state for word in selections for state in SELECTIONS[word]]
    if "failed" in selections:
        states.append(T.STOPPED)
    return rows.filter(state__in=states)


def _again(board: Board, step: RunStep, picked: Sequence[StepTarget]) -> None:
    """Let the chosen executions begin anew; those that never ran keep their attempt group, there was none before."""
    ids = [row.pk for row in picked]
    rows = StepTarget.objects.filter(pk__in=ids)
    rows.filter(~Q(state__in=[T.PENDING, T.SKIPPED])).update(attempt_group=F("attempt_group") + 1)
    rows.update(
        state=T.PENDING,
        tries=0,
        released_at=None,
        lease_until=None,
        resuming=False,
        sentence="",
        ended_at=None,
        stop_confirmed=None,
    )
    step.facts, step.stop_confirmed = {}, None
    step.started_at = None
    step.ready_at = board.now
    board.move(step, S.ACTIVE, sentence="Tried again.")
    if board.described[step.key].targets is None:
        rows.update(released_at=board.now)
        board.news.execute(ids)


def _void_votes(step: RunStep, *, now: datetime) -> None:
    Vote.objects.filter(step=step, voided_at=None).update(voided_at=now, voided_why="It was asked for once more.")
