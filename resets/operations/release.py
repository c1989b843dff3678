"""Ask for a phase of a reset through a wave; what may open, opens."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Count

from ledger.actor import Actor
from resets.models import Account, Phase, Reset, Wave
from resets.news import News
from resets.operations.advance import advance
from resets.operations.cutting import cut
from resets.operations.locking import locked
from resets.rules.gates import LAST
from resets.rules.order import REPLACES, TAKE_BACK, why_not
from web.errors import BadInput, IllegalMove

RELEASABLE: Final = frozenset({Reset.State.FROZEN, Reset.State.RUNNING, Reset.State.PAUSED})


def release(
    *,
    reset: Reset,
    phase: str,
    through: int,
    by: Actor,
    now: datetime,
    approved: bool = False,
    take_back: bool = False,
) -> Phase:
    """Ask that `phase` be worked off through wave `through` (0 canary to 4 the rest) and return it.

    The first time its waves and chunks are cut from the frozen accounts. `approved`: a plan's approval stands for the
    gates through that wave. `take_back`: enable what was disabled for a false alarm, while no password has been
    replaced; later it is enabled as any. Asking again, or for less, changes nothing. Raises `IllegalMove` where the
    reset is not frozen or is over, where the order of the work forbids it, where a drill would touch real systems, and
    where taking back would undo what an older reset holds. Locks the reset, its phase and waves.
    """
    if phase not in Phase.Name.values:
        raise BadInput("There is no such phase.", errors={"phase": f"One of {', '.join(Phase.Name.values)}."})
    if not 0 <= through <= LAST:
        raise BadInput("There is no such wave.", errors={"through": f"0 (canary) to {LAST} (the rest)."})
    reset = locked(reset)
    back = take_back and phase == Phase.Name.ENABLE and not reset.phases.filter(name__in=REPLACES.values()).exists()
    _check(reset, TAKE_BACK if back else phase, through)
    news = News(reset, by=by, now=now)
    row = _begun(reset, phase, now)
    asked = row.waves.filter(number__lte=through)
    changed = asked.filter(wanted=False).update(wanted=True)
    if approved:
        changed += asked.filter(state=Wave.State.CLOSED, opened_at=None).update(opened_at=now)
    if changed:
        news.say("reset.released", {"phase": phase, "through": through, "approved": approved, "take_back": back})
    advance(reset, news, now=now)
    news.publish()
    return row


def _check(reset: Reset, phase: str, through: int) -> None:
    if reset.state not in RELEASABLE:
        raise IllegalMove(f"“{reset.title}” is {reset.get_state_display().lower()}; only a frozen reset is worked off.")
    if reset.drill and (real := reset.systems.filter(drill=False).first()):
        raise IllegalMove(f"This is a drill, and {real.name} is not marked for drills.")
    if phase == TAKE_BACK and (older := _disabled_before(reset)):
        raise IllegalMove(
            f"“{older.title}” had disabled accounts of the same systems before, and has not let them in. Taking this"
            " reset back would let them in with the passwords they had. Take that one back first, or end it."
        )
    done = reached(reset)
    refusal = why_not(phase, through=through, mode=reset.mode, seals=bool(reset.seal_key), done=done)
    if refusal:
        raise IllegalMove(refusal)


def _disabled_before(reset: Reset) -> Reset | None:
    """Return an older reset that is not over, whose disabling of the same systems' accounts this one has taken over.

    One of the same run that was aborted was made anew as this one; it has no say.
    """
    older = Reset.objects.filter(
        systems__in=reset.systems.all(),
        generation__lt=reset.generation,
        state__in=[*RELEASABLE, Reset.State.ABORTED],
        phases__name=Phase.Name.DISABLE,
    ).exclude(phases__name=Phase.Name.ENABLE)
    if reset.run_id is not None:
        older = older.exclude(run=reset.run_id, state=Reset.State.ABORTED)
    return older.order_by("generation").first()


def reached(reset: Reset) -> dict[str, int]:
    """Return the last wave that each phase has come through without a gap."""
    found: dict[str, int] = {}
    waves = Wave.objects.filter(phase__reset=reset).order_by("phase_id", "number")
    for name, number, state in waves.values_list("phase__name", "number", "state"):
        if state == Wave.State.DONE and found.get(name, -1) == number - 1:
            found[name] = number
    return found


def _begun(reset: Reset, name: str, now: datetime) -> Phase:
    """Return the phase, with its waves and chunks, made at the first time."""
    phase, is_new = Phase.objects.get_or_create(
        reset=reset, name=name, defaults={"state": Phase.State.RUNNING, "started_at": now}
    )
    if is_new:
        sizes = Account.objects.filter(reset=reset).order_by().values("wave").annotate(accounts=Count("pk"))
        accounts: dict[int, int] = {each["wave"]: each["accounts"] for each in sizes}
        Wave.objects.bulk_create(
            Wave(phase=phase, number=number, accounts=accounts.get(number, 0)) for number in range(LAST + 1)
        )
        cut(phase)
    if reset.state == Reset.State.FROZEN:
        reset.state = Reset.State.RUNNING
        reset.save(update_fields=["state"])
    return phase
