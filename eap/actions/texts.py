"""Fill a call's texts: `{inputs.name}`, `{steps.id.fact}`, `{target.name}`, `{run.id}`; secrets at the last moment.

Braces that name none of these stay as they are, so that JSON and shell words need no escaping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from eap.actions.base import Surroundings, Trouble

Values = Mapping[str, Any]
_PLACE: Final = re.compile(r"\{(inputs|steps|target|run|incident)((?:\.[a-z0-9_]{1,60}){1,3})\}")
_SECRET: Final = re.compile(r"\{secrets\.([a-z][a-z0-9_]{0,59})\}")
DEEPEST: Final = 20


def fill(value: Any, values: Values, *, depth: int = 0) -> Any:
    """Return `value` (texts, lists, mappings, as deep as 20) with its places filled from `values`.

    A text that is one place alone takes the value's own type; inside a longer text it is written. Raises `Trouble` for
    a place that names nothing, and where a value would name a secret: which secret goes where is the plan's to say, not
    that of whoever gives an input, names a host or prints a fact.
    """
    if depth > DEEPEST:
        raise Trouble("The call's inputs are nested too deeply.")
    if isinstance(value, str):
        whole = _PLACE.fullmatch(value)
        filled = _value_of(whole, values) if whole else _PLACE.sub(lambda found: _word(_value_of(found, values)), value)
        if _secrets_in(filled) != _SECRET.findall(value):
            raise Trouble(f"A value that fills “{value[:80]}” names a secret; only the plan itself may do so.")
        return filled
    if isinstance(value, Mapping):
        return {key: fill(each, values, depth=depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fill(each, values, depth=depth + 1) for each in value]
    return value


def _value_of(found: re.Match[str], values: Values) -> Any:
    at: Any = values.get(found[1])
    for name in found[2].removeprefix(".").split("."):
        at = at.get(name) if isinstance(at, Mapping) else None
    if at is None:
        raise Trouble(f"{found[0]} has no value here.")
    return at


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def secret_names(value: Any) -> set[str]:
    """Return the names of the secrets that a call's inputs refer to."""
    return set(_secrets_in(value))


def _secrets_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return _SECRET.findall(value)
    parts: Iterable[Any] = ()
    if isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, list | tuple):
        parts = value
    return [name for part in parts for name in _secrets_in(part)]


def with_secrets(text: str, around: Surroundings) -> str:
    """Return `text` with the secrets in place. What comes out is handed to the other side and never kept."""
    return _SECRET.sub(lambda found: around.secret(found[1]), text)


def without_secrets(text: str) -> str:
    """Return `text` as it is; raises `ValueError` when it refers to a secret: others on the host read command lines."""
    if _SECRET.search(text):
        raise ValueError("A command line can be read by everybody on the host: give a secret by `stdin` or `env`.")
    return text
