"""Whether every condition of a plan makes sense where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from eap.format import expressions
from eap.format.document import Document, Step
from eap.format.expressions import Fact, Names
from eap.format.names import by_step, of_step
from eap.format.problems import Path, Problem


def conditions(document: Document) -> Iterator[Problem]:
    """Check `when`, `expect`, `wait.until` and `decision.by` of every step."""
    names = by_step(document)
    everything: dict[str, Fact] = {}
    for step in document.steps:
        everything.update(of_step(step))
    for number, step in enumerate(document.steps):
        path: Path = ("steps", number)
        for place, text, known in _conditions_of(step, names[step.id]):
            for problem in expressions.check(text, known):
                yield replace(_earlier(problem, text, everything), path=(*path, *place))
        if step.decision is not None and step.decision.by is not None:
            yield from _chooser(step, names[step.id], (*path, "decision", "by"))


def _conditions_of(step: Step, names: Names) -> Iterator[tuple[Path, str, Names]]:
    if step.when is not None:
        yield ("when",), step.when, names
    if step.expect is not None:
        yield ("expect",), step.expect, {**names, "result.*": Fact()}
    if step.wait is not None and step.wait.until is not None:
        yield ("wait", "until"), step.wait.until, names


def _earlier(problem: Problem, text: str, everything: Names) -> Problem:
    """Say which `needs` is missing, where a name is that of a step which does not come before this one."""
    match = expressions.name_at(text, problem.column)
    if match and problem.sentence.startswith("Nothing is called") and expressions.fact_of(match, everything):
        step = match.split(".")[1]
        return replace(problem, sentence=f'"{step}" is not before this step. Add it to `needs`, here or on the way.')
    return problem


def _chooser(step: Step, names: Names, path: Path) -> Iterator[Problem]:
    """`by` gives the key of one of the options: text it can only compare to is checked with each of them."""
    assert step.decision is not None and step.decision.by is not None  # noqa: S101, PT018  (asked by the caller)
    for problem in expressions.check(step.decision.by, names, yields="text"):
        yield replace(problem, path=path)
