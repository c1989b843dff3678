"""Stop a run: now, after the steps under way, or after the wave under way."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from eap.models import Run
from eap.operations.runs.advance import advance
from eap.operations.runs.board import lock_board
from eap.rules.transitions import why_not_run
from ledger.actor import Actor
from web.errors import BadInput, IllegalMove

HARDNESS: Final = {Run.Stop.AFTER_STEP: 1, Run.Stop.AFTER_BATCH: 2, Run.Stop.NOW: 3}


def stop_run(*, run_id: UUID | str, by: Actor, now: datetime, how: str = Run.Stop.NOW, reason: str = "") -> Run:
    """Stop a run. `how`: now, after_step or after_batch; a run that stops softly can be stopped harder, not softer.

    Nothing new begins from this moment on. With `now`, what runs elsewhere is told within about a second; the run has
    ended when each of them has answered, and says so where one could not prove that it ended ("stop not confirmed").
    Stopped already, nothing changes. Raises `BadInput` for another way, `IllegalMove` for a run that ended otherwise.
    Locks the run.
    """
    if how not in Run.Stop.values:
        sentence = f"Choose one of {', '.join(Run.Stop.values)}."
        raise BadInput(sentence, errors={"how": sentence})
    board = lock_board(run_id, by=by, now=now)
    run = board.run
    if run.state == Run.State.STOPPED:
        return run
    sentence = why_not_run("stop", state=run.state)
    if sentence:
        raise IllegalMove(sentence)
    if run.stop and HARDNESS[Run.Stop(run.stop)] >= HARDNESS[Run.Stop(how)]:
        return run
    run.state, run.stop = Run.State.STOPPING, how
    run.outcome = run.outcome or f"{by.name} stopped it."[:500]
    board.news.say(run, "run.stopping", payload={"how": how}, personal=reason.strip())
    board.news.wake("errands")
    advance([board])
    return run
