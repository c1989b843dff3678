"""What people do with a reset in the API: each verb answers the reset as it is afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from people.api_door import admit
from people.permissions import RUN_PLAN
from resets.access import access_reset
from resets.api.answers import full_reset_out
from resets.api.shapes import FullResetOut, ReleaseIn, RetryIn, WaveIn, WhyIn
from resets.models import Phase, Reset, Wave
from resets.operations.abort import abort
from resets.operations.close import close
from resets.operations.pause import pause
from resets.operations.release import release
from resets.operations.resume import resume
from resets.operations.retry import retry
from web.api import Router
from web.errors import IllegalMove, NotFound

router = Router(tags=["resets"])


@router.post("/resets/{reset_id}/pause", response=FullResetOut)
def pause_a_reset(request: HttpRequest, reset_id: str, given: WhyIn) -> FullResetOut:
    """Let nothing more begin until somebody resumes it."""
    return _moved(request, reset_id, pause, reason=given.reason)


@router.post("/resets/{reset_id}/resume", response=FullResetOut)
def resume_a_reset(request: HttpRequest, reset_id: str) -> FullResetOut:
    """Go on where it stopped; failures that held a phase are forgiven."""
    return _moved(request, reset_id, resume)


@router.post("/resets/{reset_id}/abort", response=FullResetOut)
def abort_a_reset(request: HttpRequest, reset_id: str, given: WhyIn) -> FullResetOut:
    """Stop it. Nothing is taken back: what is disabled stays so."""
    return _moved(request, reset_id, abort, reason=given.reason)


@router.post("/resets/{reset_id}/close", response=FullResetOut)
def close_a_reset(request: HttpRequest, reset_id: str) -> FullResetOut:
    """Say that it is done."""
    return _moved(request, reset_id, close)


@router.post("/resets/{reset_id}/release", response=FullResetOut)
def release_a_phase(request: HttpRequest, reset_id: str, given: ReleaseIn) -> FullResetOut:
    """Ask that a phase be worked off through a wave. The canary begins at once; each wave after it waits for its
    gate. Refused (409) while a plan drives the reset: its approvals come before its steps."""

    def ask(*, reset: Reset, **told: Any) -> None:
        if reset.run is not None and reset.run.is_open:
            raise IllegalMove("A plan drives this reset, and its approvals come first. Go on in its run.")
        release(reset=reset, **told)

    return _moved(request, reset_id, ask, phase=given.phase, through=given.through)


@router.post("/resets/{reset_id}/open-wave", response=FullResetOut)
def open_a_wave(request: HttpRequest, reset_id: str, given: WaveIn) -> FullResetOut:
    """Refused (409) for a gate that is shut: it takes a second factor, which a token is not. Open it on the reset's
    page, as another person than who asked for the reset. One that is open stays so."""

    def check(*, reset: Reset, **_who: Any) -> None:
        wave = Wave.objects.filter(phase__reset=reset, phase__name=given.phase, number=given.wave).first()
        if wave is None:
            raise NotFound("This reset has no such wave.")
        if not (wave.number == 0 or reset.gates_open or wave.opened_at):
            raise IllegalMove(
                "A gate is opened by a second person with a second factor, and a token is none. Open it on the reset's"
                " page."
            )

    return _moved(request, reset_id, check)


@router.post("/resets/{reset_id}/retry", response=FullResetOut)
def retry_failures(request: HttpRequest, reset_id: str, given: RetryIn) -> FullResetOut:
    """Have what failed in a phase tried again: all of it, or one cause."""

    def again(*, reset: Reset, **who: Any) -> None:
        phase = Phase.objects.select_related("reset").filter(reset=reset, name=given.phase).first()
        if phase is None:
            raise NotFound("This reset has no such phase.")
        retry(phase=phase, code=given.cause, **who)

    return _moved(request, reset_id, again)


def _moved(request: HttpRequest, reset_id: str, move: Callable[..., object], **told: Any) -> FullResetOut:
    admitted = admit(request, RUN_PLAN)
    reset, now = access_reset(admitted.person, reset_id), admitted.now
    move(reset=reset, by=admitted.by, now=now, **told)
    return full_reset_out(reset, person=admitted.person, now=now)
