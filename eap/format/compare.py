"""What one version of a plan says differently from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from eap.format.canonical import plain
from eap.format.document import Document

AROUND: Final = 3
"""Lines shown around each change, as version control does."""


@dataclass(frozen=True)
class Change:
    """One thing that is different: where ("needs"), what it said and what it says; "" for nothing."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class StepChange:
    """What became of a step. `changes` of one that was only changed."""

    kind: Literal["added", "removed", "changed", "moved"]
    identity: str
    title: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """All that is different: the plan's head, and its steps in the order of the newer version."""

    head: tuple[Change, ...]
    steps: tuple[StepChange, ...]

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return not self.head and not self.steps

    def count(self, kind: str) -> int:
        """Return how many steps were added, removed, changed or moved."""
        return sum(step.kind == kind for step in self.steps)


def compare(before: Document, after: Document) -> Comparison:
    """Return what `after` says differently from `before`."""
    old, new = plain(before), plain(after)
    old_steps = {step["id"]: step for step in old.pop("steps")}
    new_steps = {step["id"]: step for step in new.pop("steps")}
    moved = _moved(list(old_steps), list(new_steps))
    steps: list[StepChange] = []
    for identity, step in new_steps.items():
        earlier = old_steps.get(identity)
        if earlier is None:
            steps.append(StepChange("added", identity, step["title"]))
        elif earlier != step:
            steps.append(StepChange("changed", identity, step["title"], tuple(_changes(earlier, step))))
        elif identity in moved:
            steps.append(StepChange("moved", identity, step["title"]))
    for identity, step in old_steps.items():
        if identity not in new_steps:
            steps.append(StepChange("removed", identity, step["title"]))
    return Comparison(tuple(_changes(old, new)), tuple(steps))


def _moved(old: list[str], new: list[str]) -> set[str]:
    """Return the steps that stand elsewhere among those that both versions have."""
    left, right = [each for each in old if each in new], [each for each in new if each in old]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    still = {left[block.a + offset] for block in matcher.get_matching_blocks() for offset in range(block.size)}
    return set(left) - still


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], above: str = "") -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        name = f"{above}{key}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changes(before, after, f"{name}.")
        else:
            yield Change(name, _said(before), _said(after))


def _said(value: Any) -> str:
    """Return a value as people read it, on one line where it is short."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_said(each)}" for key, each in value.items() if each not in (None, "", [], {}))
    if isinstance(value, list):
        return ", ".join(_said(each) for each in value)
    return str(value)


@dataclass(frozen=True)
class Row:
    """A line of the text of both versions side by side; 0 for a line that one of them does not have."""

    kind: Literal["same", "changed", "removed", "added", "gap"]
    left: int = 0
    before: str = ""
    right: int = 0
    after: str = ""
    skipped: int = 0


def rows(before: str, after: str) -> list[Row]:
    """Return both texts side by side, with what is the same far from any change left out and counted."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Row] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Row("same", i + n + 1, old[i + n], j + n + 1, new[j + n]) for n in range(i_end - i)]
            continue
        for n in range(max(i_end - i, j_end - j)):
            has_old, has_new = i + n < i_end, j + n < j_end
            found.append(
                Row(
                    "changed" if has_old and has_new else "removed" if has_old else "added",
                    i + n + 1 if has_old else 0,
                    old[i + n] if has_old else "",
                    j + n + 1 if has_new else 0,
                    new[j + n] if has_new else "",
                )
            )
    return _folded(found)


def _folded(found: list[Row]) -> list[Row]:
    near = [False] * len(found)
    for place, row in enumerate(found):
        if row.kind != "same":
            for other in range(max(place - AROUND, 0), min(place + AROUND + 1, len(found))):
                near[other] = True
    folded: list[Row] = []
    for row, keep in zip(found, near, strict=True):
        if keep:
            folded.append(row)
        elif folded and folded[-1].kind == "gap":
            folded[-1] = Row("gap", skipped=folded[-1].skipped + 1)
        else:
            folded.append(Row("gap", skipped=1))
    return folded
