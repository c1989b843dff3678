"""Whether the places in texts, `{inputs.host}` and their like, name something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from eap.format.document import Document, Step
from eap.format.expressions import Fact, Names, fact_of
from eap.format.names import TARGET, TEXT_SURROUNDINGS, by_step
from eap.format.problems import Path, Problem, nearest

PLACE: Final = re.compile(r"\{((?:inputs|steps|target|run|incident)(?:\.[a-z0-9_]{1,60}){1,3})\}")


def texts(document: Document) -> Iterator[Problem]:
    """Check every text of every step that is filled in when the run comes to it."""
    names = by_step(document)
    secret = {f"inputs.{name}" for name, given in document.inputs.items() if given.type == "secret"}
    if document.on_failure is not None:
        asked = {**{f"inputs.{name}": Fact("text") for name in document.inputs}, **TEXT_SURROUNDINGS}
        for match in PLACE.finditer(document.on_failure.incident.title):
            yield from _named(match[1], asked, secret, ("on_failure", "incident", "title"))
    for number, step in enumerate(document.steps):
        known = {**names[step.id], **TEXT_SURROUNDINGS}
        for place, text, more in _texts_of(step):
            for match in PLACE.finditer(text):
                path: Path = ("steps", number, *place)
                yield from _named(match[1], {**known, **more}, secret, path)


def _named(name: str, known: Names, secret: set[str], path: Path) -> Iterator[Problem]:
    if name in secret:
        # A secret input is given to the action by name, at the last moment, as {secrets.…}.
        bare = name.removeprefix("inputs.")
        yield Problem(sentence=f"{{{name}}} is secret. Write {{secrets.{bare}}} in a call's `with`.", path=path)
    elif fact_of(name, known) is None:
        yield Problem(sentence=f"{{{name}}} names nothing that is known here.{nearest(name, known)}", path=path)


def _texts_of(step: Step) -> Iterator[tuple[Path, str, Names]]:
    for part in ("call", "undo"):
        call = getattr(step, part)
        if call is not None:
            own = {f"steps.{step.id}.*": fact for fact in TARGET.values()} if part == "undo" else {}
            for place, text in _inside(call.with_, (part, "with")):
                yield place, text, {**own, **(TARGET if step.targets is not None else {})}
    for place, text in _plain_texts(step):
        yield place, text, {}


def _plain_texts(step: Step) -> Iterator[tuple[Path, str]]:
    yield ("title",), step.title
    yield ("instructions",), step.instructions
    for number, line in enumerate(step.lines):
        yield ("lines", number, "text"), line.text
    if step.approval is not None:
        yield ("approval", "of"), step.approval.of
    if step.page is not None:
        yield ("page", "title"), step.page.title
    if step.update is not None:
        yield ("update", "name"), step.update.name
        yield from _inside(step.update.texts, ("update", "texts"))
    if step.decision is not None:
        yield ("decision", "question"), step.decision.question
    if step.sub_plan is not None:
        yield from _inside(step.sub_plan.inputs, ("sub_plan", "inputs"))


def _inside(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _inside(each, (*path, key))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _inside(each, (*path, number))
