"""What was done on a panel, which has no place of its own to write a generation down.

The intent is committed before the panel is asked: after a crash the call is made again, which is harmless, because
every call sets a state rather than changes it. An owner's own password is a note too, and spares the account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from django.utils import timezone

from eap.actions.base import Trouble
from resets.backends.base import Done, Guard, Miss
from resets.models import PanelNote

OWNED: Final = "set_password"
KEPT_OUT: Final = "was_kept_out"
"""Somebody else had suspended the account before; enabling leaves it so."""

SUSPENDING: Final = "suspending"
"""We were about to suspend it, so that what is suspended after a crash is our doing."""

Outcome = Literal["done", "gone"] | Miss
Deed = Callable[[str], Outcome]


@dataclass
class _Tally:
    applied: int = 0
    unchanged: int = 0
    skipped: list[str] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)

    def done(self) -> Done:
        return Done(
            applied=self.applied,
            unchanged=self.unchanged,
            skipped=tuple(self.skipped),
            misses=tuple(self.misses),
        )


class Notes:
    """The notes about one panel (`place` is its address)."""

    def __init__(self, place: str) -> None:
        self.place = place[:200]

    def work_off(
        self, logins: Sequence[str], operation: str, deed: Deed, *, guard: Guard, stopped: Callable[[], bool]
    ) -> Done:
        """Call `deed` for each login that has not had `operation` in this generation, and note it; return the tally.

        Owners' own passwords spare their accounts. What `deed` raises ends the chunk: it is done again, and what came
        through is `unchanged` then. Told to stop, the rest is missed, to be tried again.
        """
        had = self._had(logins, guard)
        tally = _Tally()
        for login in logins:
            marks = had.get(login, {})
            if marks.get("later") or marks.get(operation) == PanelNote.State.DONE:
                tally.unchanged += 1
            elif OWNED in marks and operation != "enable":
                tally.skipped.append(login)
            elif stopped():
                tally.misses.append(Miss(login, "stopped", "It was stopped before its turn.", passing=True))
            else:
                self._do(login, operation, deed, guard, tally)
        return tally.done()

    def _do(self, login: str, operation: str, deed: Deed, guard: Guard, tally: _Tally) -> None:
        self.note(login, operation, PanelNote.State.INTENDED, guard=guard)
        outcome = deed(login)
        match outcome:
            case "gone":
                tally.skipped.append(login)
            case "done":
                self.note(login, operation, PanelNote.State.DONE, guard=guard)
                tally.applied += 1
            case Miss():
                tally.misses.append(outcome)

    def note(self, login: str, operation: str, state: str, *, guard: Guard) -> None:
        """Write down what is intended or done; it commits at once."""
        PanelNote.objects.update_or_create(
            place=self.place,
            login=login,
            generation=guard.generation,
            operation=operation,
            defaults={"state": state, "at": timezone.now()},
        )

    def has(self, login: str, operation: str, *, guard: Guard) -> bool:
        """Tell whether an account had an operation in this generation."""
        return PanelNote.objects.filter(
            place=self.place, login=login, generation=guard.generation, operation=operation, state=PanelNote.State.DONE
        ).exists()

    def intends(self, login: str, operation: str, *, guard: Guard) -> bool:
        """Tell whether an operation of this generation was begun on an account, or done."""
        rows = PanelNote.objects.filter(place=self.place, login=login, generation=guard.generation)
        return rows.filter(operation=operation).exists()

    def refuse_older(self, login: str, *, guard: Guard) -> None:
        """Raise a final `Trouble` where a newer reset has begun with an account."""
        if PanelNote.objects.filter(place=self.place, login=login, generation__gt=guard.generation).exists():
            raise Trouble("A later reset has begun with this account.")

    def _had(self, logins: Sequence[str], guard: Guard) -> dict[str, dict[str, str]]:
        """Return the operations of each account in this generation; "later" where a newer reset has had it."""
        found: dict[str, dict[str, str]] = {}
        rows = PanelNote.objects.filter(place=self.place, login__in=list(logins), generation__gte=guard.generation)
        for login, generation, operation, state in rows.values_list("login", "generation", "operation", "state"):
            marks = found.setdefault(login, {})
            if generation > guard.generation:
                marks["later"] = PanelNote.State.DONE
            else:
                marks[operation] = state
        return found
