"""The action `reset`: what a plan does with the credentials of many accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from eap.actions.base import Action, Effects, Preview, Result, Surroundings
from resets.actions import preparing, proving, telling
from resets.actions.inputs import PHASES, ResetInputs
from resets.actions.waiting import work_off
from resets.models import System

MOVES: Final[Mapping[str, Callable[[ResetInputs, Surroundings], Result]]] = {
    "prepare": preparing.prepare,
    "freeze": preparing.freeze_accounts,
    "dry_run": preparing.try_out,
    "verify": proving.look,
    "draft_notice": telling.draft,
    "notify": telling.tell,
    "destroy_seals": proving.destroy,
    "report": proving.file_report,
}


class ResetAction(Action[ResetInputs]):
    """Drives the reset of its plan's run and waits for it; workers do the work. Every move may be repeated."""

    name: ClassVar[str] = "reset"
    title: ClassVar[str] = "Reset the credentials of many accounts"
    inputs: ClassVar[type[ResetInputs]] = ResetInputs
    effects: ClassVar[Effects] = "idempotent"

    def effects_of(self, inputs: ResetInputs) -> Effects:
        """A dry run only looks; each other move comes to the same a second time, because every write is guarded."""
        return "pure" if inputs.do == "dry_run" else "idempotent"

    def drills(self) -> bool:
        """In a drill it works on the systems marked for drills, in earnest; without any it is rehearsed."""
        return System.objects.filter(drill=True, archived_at=None).exists()

    def plan(self, inputs: ResetInputs, around: Surroundings) -> Preview:
        """Say how many accounts it would be."""
        return preparing.preview(inputs, around)

    def apply(self, inputs: ResetInputs, around: Surroundings) -> Result:
        """Make the move, and wait until it is made."""
        return work_off(inputs, around) if inputs.do in PHASES else MOVES[inputs.do](inputs, around)

    def verify(self, inputs: ResetInputs, around: Surroundings) -> Result:
        """Look at the accounts, whatever the step does."""
        return proving.look(inputs, around)
