"""What an action is: it says what it would do, does it, checks it, takes it back, and stops when told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

Effects = Literal["pure", "idempotent", "once"]
"""pure: it only looks. idempotent: doing it twice comes to the same. once: a second time would do more."""


class Inputs(BaseModel):
    """What an action's inputs inherit: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


I = TypeVar("I", bound=Inputs)  # noqa: E741 - inputs


@dataclass(frozen=True, kw_only=True)
class Host:
    """One target of a fan-out. `variables` come from the inventory; `address` is where it is reached."""

    name: str
    address: str
    groups: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What an action is given besides its inputs, and all that it may touch.

    `key` is the idempotency key (run, step, target, attempt group): the same for a try that is repeated, another one
    when a person orders a new attempt. `say` writes a line of the run's log, redacted; `stopped` tells whether to stop
    now; `secret` returns the value of a secret by its name and makes it known to the redaction; `timeout_s` is the time
    left. `drill`: the targets are the inventory's drill hosts and everything that people read is marked EXERCISE.
    """

    run_id: str
    step_id: str
    key: str
    timeout_s: float
    say: Callable[[str], None]
    stopped: Callable[[], bool]
    secret: Callable[[str], str]
    target: Host | None = None
    drill: bool = False


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would happen: a sentence, and figures by name ("accounts": 98214)."""

    sentence: str
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Result:
    """It worked: a sentence for people, and `facts` that later steps read as `steps.<id>.<fact>` (text, whole numbers,
    booleans)."""

    sentence: str
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)


class Trouble(Exception):
    """It did not work, and that is certain. `passing`: trying again may help."""

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.passing = passing


class Unknown(Trouble):
    """Nobody knows whether it happened; a person is asked before anything that counts is repeated."""


class Stopped(Trouble):
    """It was stopped. `confirmed`: what ran elsewhere is proved to be gone; else people read "stop not confirmed"."""

    def __init__(self, sentence: str, *, confirmed: bool) -> None:
        super().__init__(sentence)
        self.confirmed = confirmed


class Action(ABC, Generic[I]):
    """One kind of automation. The methods block, run outside any transaction, and raise `Trouble` and nothing else.

    `inputs` have been validated; texts in them are filled in, except `{secrets.name}`, which the action resolves itself
    (`eap.actions.texts.with_secrets`) at the last moment. `resume` is asked after a crash: what became of the try with
    this key; None when the action can't tell.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    inputs: ClassVar[type[Inputs]]
    effects: ClassVar[Effects] = "once"
    destructive: ClassVar[bool] = False
    can_undo: ClassVar[bool] = False

    def effects_of(self, inputs: I) -> Effects:  # noqa: ARG002 - for those whose inputs decide
        """Return what a second time would do with these inputs; asked before anything is repeated after a crash."""
        return self.effects

    def drills(self) -> bool | None:
        """Tell whether it has things of its own that are marked for drills: then a drill does it, to them alone.

        With False a drill rehearses it, whatever it is. None, as most: it works on the hosts of the plan, and what it
        does decides.
        """
        return None

    @abstractmethod
    def plan(self, inputs: I, around: Surroundings) -> Preview:
        """Say what `apply` would do, without doing it."""

    @abstractmethod
    def apply(self, inputs: I, around: Surroundings) -> Result:
        """Do it."""

    def verify(self, inputs: I, around: Surroundings) -> Result:  # noqa: ARG002 - for those who can
        """Check that it is done."""
        raise Trouble(f"{self.name} can't verify itself; add a verify step with a check.")

    def undo(self, inputs: I, around: Surroundings) -> Result:  # noqa: ARG002 - for those who can
        """Take it back. Only where `can_undo`."""
        raise Trouble(f"{self.name} has no undo of its own.")

    def resume(self, inputs: I, around: Surroundings) -> Result | None:  # noqa: ARG002 - for those who can
        """Return what became of the try with this key, None when nobody can know."""
        return None
