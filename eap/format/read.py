"""From the YAML of a plan to its document, with every problem at its line and column."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from eap.format.check import check
from eap.format.document import Document
from eap.format.problems import Path, Problem, errors
from eap.format.sentences import sentence_for
from eap.format.source import Place, parse


@dataclass(frozen=True)
class Reading:
    """What a text says. `document` is None while there is an error in its form; `problems` come by line."""

    document: Document | None
    problems: list[Problem]
    places: Mapping[Path, Place] = field(default_factory=dict, repr=False)

    @property
    def sound(self) -> bool:
        """Whether there is a document without an error, fit to be handed in."""
        return self.document is not None and not errors(self.problems)

    def placed(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems of the document with the lines and columns they have in this text, by line."""
        found = [self._place(problem) for problem in problems]
        return sorted(found, key=lambda problem: (problem.line, problem.column))

    def line_of(self, path: Path) -> int:
        """Return the line on which something of the document begins, 0 when it is not in the text."""
        place = self.places.get(path)
        return place.key[0] if place else 0

    def _place(self, problem: Problem) -> Problem:
        path = problem.path
        while path and path not in self.places:
            path = path[:-1]
        place = self.places.get(path)
        if place is None:
            return replace(problem, line=1, column=1)
        if path != problem.path or problem.of_key:
            return replace(problem, line=place.key[0], column=place.key[1])
        line, column = place.value
        # Inside a text on one line a problem can say the very character; in a folded one it can't.
        inside = problem.column + place.inset if problem.column and place.plain else 0
        return replace(problem, line=line, column=column + inside)


def read(text: str, *, known: Mapping[str, Collection[str]] | None = None) -> Reading:
    """Read a plan's YAML and check it. Never raises.

    `known`: the keys of the plans there are and which plans each of them calls; None when that can't be known (then
    whether sub-plans exist is not checked).
    """
    source = parse(text)
    if source.values is None:
        return Reading(None, source.problems, source.places)
    if not isinstance(source.values, dict):
        first = Problem(line=1, column=1, sentence="A plan begins with lines such as `key: …` and `title: …`.")
        return Reading(None, [*source.problems, first], source.places)
    document, wrong = _document(source.values)
    reading = Reading(document, [], source.places)
    whole = document or _without(source.values, wrong)
    found = [*wrong, *(check(whole, known=known) if whole else [])]
    problems = sorted([*source.problems, *reading.placed(found)], key=lambda problem: (problem.line, problem.column))
    return Reading(document, problems, source.places)


def _document(values: dict[str, Any]) -> tuple[Document | None, list[Problem]]:
    try:
        return Document.model_validate(values), []
    except ValidationError as invalid:
        details = [
            (tuple(part for part in error["loc"] if part != "[key]"), error)
            for error in invalid.errors(include_url=False)
        ]
        paths = [path for path, _ in details]
        return None, [
            Problem(sentence=sentence_for(error, path), path=path, of_key=error["type"] == "extra_forbidden")
            for path, error in details
            # A list whose every entry is wrong counts as empty for pydantic; that is no news.
            if error["type"] != "too_short" or not any(_below(other, path) for other in paths)
        ]


def _below(path: Path, above: Path) -> bool:
    return len(path) > len(above) and path[: len(above)] == above


def _without(values: dict[str, Any], wrong: list[Problem]) -> Document | None:
    """Return the document without what is wrong in its form, so that references can be checked at the same time.

    None when what is wrong is something that others refer to, or something missing: its references would all be wrong.
    """
    rest = deepcopy(values)
    for problem in sorted(wrong, key=lambda problem: len(problem.path), reverse=True):
        *way, last = problem.path
        holder: Any = rest
        for part in way:
            holder = holder[part] if _has(holder, part) else None
        if last == "id" or not isinstance(holder, dict) or last not in holder or len(way) == 1:
            return None
        del holder[last]
    document, still = _document(rest)
    return document if not still else None


def _has(holder: Any, part: str | int) -> bool:
    if isinstance(holder, dict):
        return part in holder
    return isinstance(holder, list) and isinstance(part, int) and part < len(holder)
