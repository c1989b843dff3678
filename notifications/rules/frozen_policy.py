"""A policy as a page carries it: frozen at the start, so that an edit changes no running escalation; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast, get_args

TargetKind: TypeAlias = Literal["person", "schedule", "team", "tier"]
KINDS: Final[tuple[TargetKind, ...]] = get_args(TargetKind)


@dataclass(frozen=True, kw_only=True, slots=True)
class FrozenTarget:
    """Whom a level reaches. A schedule, team or tier becomes people when the level is called, not before.

    `id` is the row's id as text; `name` is what it was called at the start.
    """

    kind: TargetKind
    id: str
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrozenLevel:
    """One step: whom to call and how many seconds they have before the next level.

    `until_enough` marks one place in a line of succession: such levels are called as soon as those who have confirmed
    and those who may still answer are too few, as many of them at once as are missing, and no more.
    """

    delay_s: int
    targets: tuple[FrozenTarget, ...]
    until_enough: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class FrozenPolicy:
    """Who is reached, in which order, how long each level has (seconds) and how often all of it is gone through.

    `remind_after_s` of silence after an acknowledgement bring a reminder, `repage_after_s` more the page itself;
    None: never.
    """

    name: str
    levels: tuple[FrozenLevel, ...]
    rounds: int = 3
    required_acknowledgements: int = 1
    remind_after_s: int | None = None
    repage_after_s: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the shape that `Page.policy` stores; `from_json` reads it back."""
        return {
            "name": self.name,
            "rounds": self.rounds,
            "required_acknowledgements": self.required_acknowledgements,
            "remind_after_s": self.remind_after_s,
            "repage_after_s": self.repage_after_s,
            "levels": [
                {
                    "delay_s": level.delay_s,
                    "until_enough": level.until_enough,
                    "targets": [{"kind": t.kind, "id": t.id, "name": t.name} for t in level.targets],
                }
                for level in self.levels
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> FrozenPolicy:
        """Return the policy that a page carries; raise `ValueError` for anything that `to_json` did not write."""
        try:
            return cls(
                name=str(stored["name"]),
                rounds=int(stored["rounds"]),
                required_acknowledgements=int(stored["required_acknowledgements"]),
                remind_after_s=stored["remind_after_s"],
                repage_after_s=stored["repage_after_s"],
                levels=tuple(_level(level) for level in stored["levels"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"This is no frozen policy: {error!r}.") from error


def _level(stored: Mapping[str, Any]) -> FrozenLevel:
    return FrozenLevel(
        delay_s=int(stored["delay_s"]),
        until_enough=bool(stored["until_enough"]),
        targets=tuple(_target(target) for target in stored["targets"]),
    )


def _target(stored: Mapping[str, Any]) -> FrozenTarget:
    if stored["kind"] not in KINDS:
        raise ValueError(f"A target is one of {', '.join(KINDS)}, not {stored['kind']!r}.")
    return FrozenTarget(kind=cast("TargetKind", stored["kind"]), id=str(stored["id"]), name=str(stored["name"]))


def people_level(people: Sequence[tuple[str, str]], *, delay_s: int, until_enough: bool = False) -> FrozenLevel:
    """Return a level that reaches these people, given as (id, name)."""
    return FrozenLevel(
        delay_s=delay_s,
        targets=tuple(FrozenTarget(kind="person", id=id_, name=name) for id_, name in people),
        until_enough=until_enough,
    )
