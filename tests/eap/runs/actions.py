"""Actions of the tests' own: they do to memory what real ones do to machines, and keep what they were called with."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from eap.actions.base import Action, Effects, Inputs, Preview, Result, Stopped, Surroundings, Trouble, Unknown

Script = Callable[[Surroundings, int], Result]


class Told(Inputs):
    """What the tests' actions are told."""

    text: str = ""
    on: str = ""


class Recorded(Action[Told]):
    """Notes every call by method and idempotency key, and does what the test told it for a host, or for ""."""

    inputs: ClassVar[type[Told]] = Told
    title: ClassVar[str] = "What a test does"

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: nothing was called, everything works."""
        self.calls: list[tuple[str, str, str]] = []
        self.told: list[Told] = []
        self.behave: dict[str, Callable[[Surroundings], Result | None]] = {}
        self.tries: Counter[str] = Counter()
        self.remembers: dict[str, Result | None] = {}

    def called(self, method: str = "apply") -> list[str]:
        """Return the hosts ("" for none) that a method was called for, in order."""
        return [name for how, name, _ in self.calls if how == method]

    def plan(self, inputs: Told, around: Surroundings) -> Preview:
        """Say that it would."""
        self._note("plan", around)
        return Preview(sentence=f"Would do {inputs.text or self.name}.", counts={"accounts": 7})

    def apply(self, inputs: Told, around: Surroundings) -> Result:
        """Do as the test said; well without a word of it."""
        self._note("apply", around)
        self.told.append(inputs)
        self.tries[around.key] += 1
        name = around.target.name if around.target else ""
        behave = self.behave.get(name) or self.behave.get("*")
        found = behave(around) if behave else None
        return found or Result(sentence=f"Did {inputs.text or self.name}.", facts={"text": inputs.text, "count": 3})

    def verify(self, inputs: Told, around: Surroundings) -> Result:  # noqa: ARG002 - the face of an action
        """Hold."""
        self._note("verify", around)
        return Result(sentence="It is so.")

    def undo(self, inputs: Told, around: Surroundings) -> Result:  # noqa: ARG002 - the face of an action
        """Take back."""
        self._note("undo", around)
        return Result(sentence="Taken back.")

    def resume(self, inputs: Told, around: Surroundings) -> Result | None:  # noqa: ARG002 - the face of an action
        """Say what the test said became of it."""
        self._note("resume", around)
        return self.remembers.get(around.target.name if around.target else "")

    def _note(self, method: str, around: Surroundings) -> None:
        self.calls.append((method, around.target.name if around.target else "", around.key))


class Look(Recorded):
    """Only looks."""

    name: ClassVar[str] = "test-look"
    effects: ClassVar[Effects] = "pure"


class Set(Recorded):
    """Doing it twice comes to the same."""

    name: ClassVar[str] = "test-set"
    effects: ClassVar[Effects] = "idempotent"
    can_undo: ClassVar[bool] = True


class Once(Recorded):
    """A second time would do more."""

    name: ClassVar[str] = "test-once"
    effects: ClassVar[Effects] = "once"
    destructive: ClassVar[bool] = True


look, set_, once = Look(), Set(), Once()
ALL: tuple[Recorded, ...] = (look, set_, once)


def fails(sentence: str = "It broke.", *, passing: bool = False, times: int = 10_000) -> Callable[[Surroundings], None]:
    """Return a behaviour that fails so many times, then works."""
    left = [times]

    def behave(_around: Surroundings) -> None:
        if left[0]:
            left[0] -= 1
            raise Trouble(sentence, passing=passing)

    return behave


def is_lost(sentence: str = "The line went dead.") -> Callable[[Surroundings], None]:
    """Return a behaviour of which nobody knows whether it did it."""

    def behave(_around: Surroundings) -> None:
        raise Unknown(sentence)

    return behave


def hangs(started: threading.Event, *, confirmed: bool = True) -> Callable[[Surroundings], None]:
    """Return a behaviour that goes on until it is stopped."""

    def behave(around: Surroundings) -> None:
        started.set()
        waited = threading.Event()
        while not around.stopped():
            waited.wait(0.02)
        raise Stopped("It was told to stop.", confirmed=confirmed)

    return behave


def says(*lines: str) -> Callable[[Surroundings], Any]:
    """Return a behaviour that says these lines."""

    def behave(around: Surroundings) -> None:
        for line in lines:
            around.say(line)

    return behave
