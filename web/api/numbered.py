"""Lists whose items carry a number that never changes, such as the entries of a chain: it is the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from web.api.pages import Window
from web.errors import BadInput

Item = TypeVar("Item")

_DIGITS = 18


def numbered(
    read: Callable[[int, int], Sequence[Item]],
    *,
    window: Window,
    number: Callable[[Item], int],
    serialize: Callable[[Item], Any],
) -> dict[str, Any]:
    """Return `{"items": [...], "next": cursor or None}` of what `read(after, limit)` returns in rising order.

    The cursor is the number of the last item shown, so whoever follows a list may keep it and ask again later.
    Raises `BadInput` for another one.
    """
    found = read(_after(window.cursor), window.limit + 1)
    shown = found[: window.limit]
    following = str(number(shown[-1])) if len(found) > window.limit else None
    return {"items": [serialize(item) for item in shown], "next": following}


def _after(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _DIGITS):
        raise BadInput(
            "This cursor does not belong to this list. Start again without one.",
            errors={"cursor": "Take it from `next`, or give the number of the last item you have."},
        )
    return int(cursor)
