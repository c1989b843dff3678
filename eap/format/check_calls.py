"""Whether a plan calls actions that exist, with inputs that they take."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from eap.format.document import Call, Document
from eap.format.problems import Path, Problem, nearest
from eap.format.sentences import sentence_for


def calls(document: Document, actions: Mapping[str, type[BaseModel]]) -> Iterator[Problem]:
    """Check each `call` and `undo`. `actions`: the inputs of every registered action by its name.

    A text with a place in it ({inputs.host}) is only known when the run comes to it, so what is said of such a value is
    not counted; misspelt and missing inputs always are.
    """
    for number, step in enumerate(document.steps):
        for part in ("call", "undo"):
            call: Call | None = getattr(step, part)
            if call is None:
                continue
            path: Path = ("steps", number, part)
            if call.action not in actions:
                sentence = f'No action is called "{call.action}".{nearest(call.action, actions)}'
                yield Problem(sentence=sentence, path=(*path, "action"))
            else:
                yield from _inputs(call, actions[call.action], path)


def _inputs(call: Call, inputs: type[BaseModel], path: Path) -> Iterator[Problem]:
    try:
        inputs.model_validate(call.with_)
    except ValidationError as invalid:
        known = [field.alias or name for name, field in inputs.model_fields.items()]
        for error in invalid.errors(include_url=False):
            where = tuple(error["loc"])
            inside: Path = (*path, "with", *where)
            if error["type"] == "missing" or not _later(call.with_, where):
                yield Problem(
                    sentence=_said(call, error, where, inside, known),
                    path=inside,
                    of_key=error["type"] == "extra_forbidden",
                )


def _said(call: Call, error: Any, where: Path, inside: Path, known: Collection[str]) -> str:
    if error["type"] == "extra_forbidden" and len(where) == 1:
        return f'The action {call.action} takes no "{where[0]}".{nearest(str(where[0]), known)}'
    if error["type"] == "missing":
        return f'The action {call.action} needs "{where[-1]}".'
    return sentence_for(error, inside)


def _later(given: Mapping[str, Any], where: Path) -> bool:
    """Tell whether what stands there is filled in later; what is said of all inputs together is, if anything is."""
    value: Any = given
    for part in where:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            # Pydantic names the kinds of a union on its way; below the value itself nothing else stands.
            break
    return _placed(value)


def _placed(value: Any) -> bool:
    if isinstance(value, str):
        return "{" in value
    if isinstance(value, Mapping):
        return any(_placed(each) for each in value.values())
    return isinstance(value, list | tuple) and any(_placed(each) for each in value)
