"""What pydantic finds wrong with a document, said so that a person knows what to write instead."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from eap.format.document import Document
from eap.format.problems import Path, nearest

_KEY: Final = "Write small letters, digits and hyphens, beginning with a letter, 60 characters at most."
_NAME: Final = "Write small letters, digits and underscores, beginning with a letter, 60 characters at most."


def sentence_for(error: ErrorDetails, path: Path) -> str:
    """Return the sentence for one of pydantic's errors at `path`."""
    kind, context = error["type"], error.get("ctx", {})
    name = _called(path)
    if kind == "extra_forbidden":
        return f"{name} is not part of the format here.{nearest(str(path[-1]), fields_at(path[:-1]))}"
    if kind == "missing":
        return f"{name} is missing."
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    writer = _WRITERS.get(kind)
    return writer(name, context) if writer else f"{name}: {error['msg']}."


def _called(path: Path) -> str:
    words = [part for part in path if isinstance(part, str)]
    return f'"{words[-1]}"' if words else "This"


def _choice(name: str, context: Mapping[str, Any]) -> str:
    return f"{name} has to be {context.get('expected', 'one of those in the format')}."


def _pattern(name: str, context: Mapping[str, Any]) -> str:
    pattern = str(context.get("pattern", ""))
    if "a-z0-9-" in pattern:
        return f"{name} is not a key. {_KEY}"
    if "a-z0-9_" in pattern:
        return f"{name} is not a name. {_NAME}"
    if pattern == r"^\d+%?$":
        return f'{name}: write a count such as "100" or a share such as "10%".'
    return f"{name} does not have the form it needs."


_WRITERS: Final[dict[str, Any]] = {
    "enum": _choice,
    "literal_error": _choice,
    "string_pattern_mismatch": _pattern,
    "string_type": lambda name, _: f"{name} has to be text. Put it in quotes.",
    "string_too_short": lambda name, _: f"{name} is empty. Write something, or take the line out.",
    "string_too_long": lambda name, c: f"{name} is too long: at most {c['max_length']:,} characters.",
    "int_type": lambda name, _: f"{name} has to be a whole number.",
    "int_parsing": lambda name, _: f"{name} has to be a whole number.",
    "int_from_float": lambda name, _: f"{name} has to be a whole number.",
    "float_type": lambda name, _: f"{name} has to be a number.",
    "float_parsing": lambda name, _: f"{name} has to be a number.",
    "bool_type": lambda name, _: f"{name} has to be true or false.",
    "bool_parsing": lambda name, _: f"{name} has to be true or false.",
    "greater_than": lambda name, c: f"{name} has to be more than {c['gt']}.",
    "greater_than_equal": lambda name, c: f"{name} has to be at least {c['ge']}.",
    "less_than_equal": lambda name, c: f"{name} has to be at most {c['le']}.",
    "date_type": lambda name, _: f"{name} has to be a date such as 2027-03-31.",
    "date_from_datetime_parsing": lambda name, _: f"{name} has to be a date such as 2027-03-31.",
    "date_parsing": lambda name, _: f"{name} has to be a date such as 2027-03-31.",
    "date_from_datetime_inexact": lambda name, _: f"{name} has to be a date such as 2027-03-31, without a time.",
    "tuple_type": lambda name, _: f"{name} has to be a list: each entry on a line of its own after a hyphen.",
    "dict_type": lambda name, _: f"{name} has to be lines of their own, each a key and a value.",
    "model_type": lambda name, _: f"{name} has to be lines of their own, each a key and a value.",
    "model_attributes_type": lambda name, _: f"{name} has to be lines of their own, each a key and a value.",
    "too_short": lambda name, c: f"{name} needs at least {c['min_length']} entries.",
    "too_long": lambda name, c: f"{name} has more than {c['max_length']} entries.",
}


def fields_at(path: Path) -> list[str]:
    """Return the keys that the format knows at `path`, [] where any key may stand."""
    kind: Any = Document
    for part in path:
        kind = _inner(_field(kind, part) if _is_model(kind) else _item(kind))
    return [field.alias or name for name, field in kind.model_fields.items()] if _is_model(kind) else []


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _field(model: Any, part: str | int) -> Any:
    for name, field in model.model_fields.items():
        if part in (name, field.alias):
            return field.annotation
    return Any


def _item(kind: Any) -> Any:
    arguments = get_args(kind)
    return arguments[1] if get_origin(kind) is dict else arguments[0] if arguments else Any


def _inner(kind: Any) -> Any:
    """Return what an annotation is without `Annotated` and `| None`."""
    if get_origin(kind) is Annotated:
        return _inner(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return _inner(next(part for part in get_args(kind) if part is not type(None)))
    return kind
