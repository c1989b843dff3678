"""A body as JSON, not deeper than what reads it can go."""

from __future__ import annotations

import json
from typing import Any, Final

DEEPEST: Final = 100
"""Levels of objects and lists in each other. No tool nests so deep; storing and showing climbs down as far."""


def read_json(body: bytes) -> Any:
    """Return the body as JSON; raises `ValueError` with a sentence. Deep nesting is refused like other nonsense."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"JSON parse error: {error}") from None
    # Most bodies hold fewer brackets than there may be levels: nothing has to be looked through.
    if body.count(b"[") + body.count(b"{") > DEEPEST and _is_too_deep(found):
        raise ValueError(f"JSON parse error: more than {DEEPEST} levels of objects and lists in each other")
    return found


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _depth in range(DEEPEST):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        if not inner:
            return False
        level = inner
    return any(isinstance(each, dict | list) for each in level)
