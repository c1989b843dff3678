"""Patterns of routing rules: a careless one would hold the engine for hours over one alert."""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _constants as op  # type: ignore[attr-defined]  # typeshed leaves the parser out
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

FEW: Final = 10
"""A repetition of at most this many is no danger around another one."""
SLOW: Final = (
    "is refused: it repeats a part that varies itself, which can take hours on some texts; repeat a simpler one"
)


def fault_of(pattern: str) -> str:
    """Return what is wrong with a pattern; "" when it can be read and its time does not double with each character.

    Python's engine can't be interrupted, and tries every way to divide a text among nested repetitions ("(a+)+").
    """
    try:
        read = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"can't be read: {error}"
    return SLOW if _is_slow(read, repeated=False) else ""


def _is_slow(parts: Iterable[Any], *, repeated: bool) -> bool:
    return any(_is_slow_part(kind, value, repeated=repeated) for kind, value in parts)


def _is_slow_part(kind: Any, value: Any, *, repeated: bool) -> bool:
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        least, most, inside = value
        varies = least != most
        return (repeated and varies) or _is_slow(inside, repeated=repeated or int(most) > FEW)
    if kind is op.BRANCH:
        return repeated or any(_is_slow(branch, repeated=repeated) for branch in value[1])
    if kind in (op.SUBPATTERN, op.ASSERT, op.ASSERT_NOT):
        return _is_slow(value[-1], repeated=repeated)
    if kind is op.ATOMIC_GROUP:
        return _is_slow(value, repeated=repeated)
    if kind is op.GROUPREF_EXISTS:
        return any(_is_slow(branch, repeated=repeated) for branch in value[1:] if branch)
    return False
