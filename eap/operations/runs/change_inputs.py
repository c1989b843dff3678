"""Change what a run was told. Every approval given for the old inputs is void."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from eap.models import Run, RunStep, Vote
from eap.operations.runs.advance import advance, nodes_of
from eap.operations.runs.board import Board, S, lock_board
from eap.operations.runs.start_run import check_inputs
from eap.rules.transitions import why_not_run
from eap.rules.unlocking import downstream
from ledger.actor import Actor
from web.errors import IllegalMove

VOID = "The inputs were changed."


def change_inputs(*, run_id: UUID | str, inputs: Mapping[str, Any], by: Actor, now: datetime, reason: str = "") -> Run:
    """Give the run these inputs in place of those of the same names; whoever does it approves nothing of it any more.

    Approvals already given are asked for again, and what they had let through but hadn't begun waits again. The same
    values change nothing. Raises `BadInput` with a sentence per field, `IllegalMove` once something that was approved
    has begun, or for a run that stops or has ended. Locks the run.
    """
    board = lock_board(run_id, by=by, now=now)
    run = board.run
    sentence = why_not_run("change", state=run.state)
    if sentence:
        raise IllegalMove(sentence)
    secret = json.loads(run.secret_inputs) if run.secret_inputs else {}
    given = check_inputs(
        run.version, {**run.inputs, **secret, **inputs}, now=now, refused="The inputs stay as they are."
    )
    if given.plain == run.inputs and given.secret == secret:
        return run
    names = sorted(
        name
        for name in {**given.plain, **given.secret}
        if given.plain.get(name) != run.inputs.get(name) or given.secret.get(name) != secret.get(name)
    )
    _ask_again(board)
    run.inputs = given.plain
    run.secret_inputs = json.dumps(given.secret) if given.secret else ""
    run.inputs_revision += 1
    # Whoever gave an earlier value stays: it may still stand beside the new one.
    if by.kind == "person" and by.id not in run.inputs_given_by:
        run.inputs_given_by = [*run.inputs_given_by, by.id]
    board.forget_values()
    shown = {name: str(given.plain.get(name, "(secret)")) for name in names}
    board.news.say(
        run,
        "run.inputs_changed",
        payload={"inputs": {**shown}, "revision": run.inputs_revision},
        personal=reason.strip(),
    )
    advance([board])
    return run


def _ask_again(board: Board) -> None:
    """Void every vote, and put approvals that were given back to where they are asked for."""
    nodes = nodes_of(board)
    given = [step for step in board.steps if step.kind == "approval" and step.state in (S.DONE, S.READY, S.ACTIVE)]
    behind = {key for step in given if step.state == S.DONE for key in downstream(nodes, step.key)}
    begun = [board.by_key[key] for key in behind if _begun(board.by_key[key])]
    if begun:
        raise IllegalMove(
            f"“{begun[0].title}” was let through with the inputs as they are and has begun; they can't change any more."
        )
    Vote.objects.filter(step__in=given, voided_at=None).update(voided_at=board.now, voided_why=VOID)
    for step in [*given, *(board.by_key[key] for key in behind)]:
        _back_to_waiting(board, step)


def _begun(step: RunStep) -> bool:
    return step.state in (S.ACTIVE, S.DONE, S.FAILED, S.UNKNOWN) and step.kind != "approval"


def _back_to_waiting(board: Board, step: RunStep) -> None:
    """An approval's or a follower's step waits as if it had never unlocked; it unlocks again at once if its needs are
    met."""
    if step.state == S.WAITING or (step.state == S.SKIPPED and not step.bypassed):
        return
    step.ready_at = step.started_at = step.due_at = None
    step.bypassed = False
    step.attempt_group += 1
    step.sentence = ""
    board.move(step, S.WAITING)
    board.news.say(board.run, "run.approval_void" if step.kind == "approval" else "run.step_waits_again", step=step)
