"""Have a phase worked off and wait until it is: workers do it, this only looks."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Sum

from eap.actions.base import Result, Stopped, Surroundings, Trouble
from engine import clock
from ledger.actor import Actor
from resets.actions.finding import actor_of, approvals_before, refusals_are_trouble, reset_of, run_of
from resets.actions.inputs import ResetInputs
from resets.models import Chunk, Phase, Reset, Wave
from resets.operations.pause import pause
from resets.operations.release import release
from resets.operations.resume import resume
from web.errors import IllegalMove

LOOK_EVERY_S: Final = 0.5
SAY_EVERY_S: Final = 10.0
ENDING_S: Final = 30.0
"""How long what is under way may take to reach its next safe point when the plan is stopped."""
NAMED: Final = {
    "canary": "the canary",
    "first": "through the first hundred",
    "one_percent": "through the first percent",
    "ten_percent": "through the first ten percent",
    "all": "all",
}
OURS: Final = "The plan's step was stopped."


@dataclass(frozen=True, kw_only=True)
class Tally:
    """A phase through a wave: how many accounts, and what became of them so far."""

    accounts: int
    applied: int
    unchanged: int
    skipped: int
    missed: int

    @property
    def done(self) -> int:
        """Return how many have an outcome."""
        return self.applied + self.unchanged + self.skipped + self.missed


def work_off(inputs: ResetInputs, around: Surroundings) -> Result:
    """Release the phase through the wave and wait for it; the same call after a crash goes on waiting.

    Told to stop, it pauses the reset and says whether anything is still under way. Raises `Trouble` where the reset is
    aborted, held by a limit, or refuses the phase.
    """
    phase = _released(inputs, around)
    begun = time.monotonic()
    said_at, said, hindered = float("-inf"), "", ""
    while True:
        phase.refresh_from_db()
        reset = Reset.objects.get(pk=phase.reset_id)
        tally = tally_of(phase, inputs.wave)
        if not phase.waves.filter(number__lte=inputs.wave).exclude(state=Wave.State.DONE).exists():
            return _result(phase, inputs, tally, seconds=int(time.monotonic() - begun))
        _check(reset, phase)
        hindrance = _hindrance(reset, phase, inputs.wave)
        if hindrance != hindered:
            around.say(hindrance or "It goes on.")
            hindered = hindrance
        line = _progress(phase, tally)
        if line != said and time.monotonic() - said_at >= SAY_EVERY_S:
            said_at, said = time.monotonic(), line
            around.say(line)
        if around.stopped():
            raise _stopped(phase, actor_of(run_of(around)))
        time.sleep(LOOK_EVERY_S)


def tally_of(phase: Phase, through: int) -> Tally:
    """Return the figures of a phase through a wave."""
    sums = Chunk.objects.filter(phase=phase, wave__lte=through).aggregate(
        applied=Sum("applied", default=0),
        unchanged=Sum("unchanged", default=0),
        skipped=Sum("skipped", default=0),
        missed=Sum("missed", default=0),
    )
    accounts = phase.waves.filter(number__lte=through).aggregate(sum=Sum("accounts", default=0))["sum"]
    return Tally(accounts=accounts, **sums)


def _released(inputs: ResetInputs, around: Surroundings) -> Phase:
    run = run_of(around)
    reset = reset_of(around)
    approved = bool(approvals_before(around))
    with refusals_are_trouble(), transaction.atomic():
        now = clock.now()
        if reset.state == Reset.State.PAUSED and reset.trouble == f"Paused: {OURS}":
            reset = resume(reset=reset, by=actor_of(run), now=now)
        return release(
            reset=reset,
            phase=inputs.do,
            through=inputs.wave,
            by=actor_of(run),
            now=now,
            approved=approved,
            take_back=inputs.take_back,
        )


def _check(reset: Reset, phase: Phase) -> None:
    if reset.state in (Reset.State.ABORTED, Reset.State.DONE):
        raise Trouble(f"The reset is {reset.get_state_display().lower()}. {reset.trouble}".strip())
    if phase.state == Phase.State.HELD:
        raise Trouble(f"It holds: {phase.held_because} Look at the reset's page, resume it there, then retry the step.")


def _hindrance(reset: Reset, phase: Phase, through: int) -> str:
    """Return what people have to do before it goes on, "" where nothing hinders it."""
    if reset.state == Reset.State.PAUSED:
        return reset.trouble
    shut = phase.waves.filter(number__lte=through, number__gt=0, state=Wave.State.CLOSED, opened_at=None).first()
    if shut is not None and not reset.gates_open and not phase.waves.filter(state=Wave.State.OPEN).exists():
        return f"Wave {shut.number} waits for a second person to open it on the reset's page."
    return ""


def _progress(phase: Phase, tally: Tally) -> str:
    share = 100 * tally.done // max(1, tally.accounts)
    return f"{phase.get_name_display()}: {tally.done:,} of {tally.accounts:,} ({share} %), {tally.missed:,} missed."


def _stopped(phase: Phase, by: Actor) -> Stopped:
    """Pause the reset, and wait a moment for what is under way."""
    with suppress(IllegalMove), transaction.atomic():  # somebody else may have stopped it just now
        pause(reset=phase.reset, by=by, now=clock.now(), reason=OURS)
    ends_at = time.monotonic() + ENDING_S
    left = Chunk.objects.filter(phase=phase, state=Chunk.State.LEASED)
    while left.exists() and time.monotonic() < ends_at:
        time.sleep(LOOK_EVERY_S)
    count = left.count()
    sentence = (
        "The reset is paused; nothing of it is under way." if not count else f"{count} chunks are still under way."
    )
    return Stopped(sentence, confirmed=count == 0)


def _result(phase: Phase, inputs: ResetInputs, tally: Tally, *, seconds: int) -> Result:
    parts = [f"{tally.applied:,} done"]
    parts += [f"{tally.unchanged:,} were so already"] if tally.unchanged else []
    parts += [f"{tally.skipped:,} left alone"] if tally.skipped else []
    parts += [f"{tally.missed:,} missed"] if tally.missed else []
    what = f"{phase.get_name_display()}, {NAMED[inputs.through]}"
    return Result(
        sentence=f"{what}: {', '.join(parts)}; {tally.accounts:,} accounts.",
        facts={
            "accounts": tally.accounts,
            "applied": tally.applied,
            "unchanged": tally.unchanged,
            "skipped": tally.skipped,
            "missed": tally.missed,
            "seconds": seconds,
            "reset": str(phase.reset_id),
        },
    )
