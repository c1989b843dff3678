"""Lists by cursor: a place in the order, not a page number, so that nothing is skipped or shown twice as rows come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db import models
from ninja import Schema
from pydantic import Field

from web.errors import BadInput

Row = TypeVar("Row", bound=models.Model)
Item = TypeVar("Item")

_SALT: Final = "cursor"
MOST: Final = 200


class Window(Schema):
    """Which part of a list: `?limit=&cursor=`. `next` of one answer is the `cursor` of the next question."""

    limit: int = Field(50, ge=1, le=MOST, description="How many items at most.")
    cursor: str = Field("", description="`next` of the answer before; empty for the first items.")


class Page(Schema, Generic[Item]):
    """A part of a list; `next` is null on the last one."""

    items: list[Item]
    next: str | None


def paged(
    queryset: models.QuerySet[Row],
    *,
    window: Window,
    order: Sequence[str],
    serialize: Callable[[Row], Any],
) -> dict[str, Any]:
    """Return `{"items": [...], "next": cursor or None}` of `queryset` in `order`.

    `order` names columns that are never null, each with "-" for falling; together they must be unique, so the last
    is a key. Raises `BadInput` for a cursor that is not ours or of another list.
    """
    if window.cursor:
        queryset = queryset.filter(_after(order, _read(window.cursor, order)))
    rows = list(queryset.order_by(*order)[: window.limit + 1])
    more = len(rows) > window.limit
    rows = rows[: window.limit]
    return {"items": [serialize(row) for row in rows], "next": _write(order, rows[-1]) if more else None}


def _columns(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") for name in order]


def _after(order: Sequence[str], values: Sequence[Any]) -> models.Q:
    """Return what comes after `values`: a first column beyond, or the same and the second beyond, and so on."""
    condition = models.Q()
    same = models.Q()
    for name, value in zip(order, values, strict=True):
        column = name.removeprefix("-")
        beyond = "lt" if name.startswith("-") else "gt"
        condition |= same & models.Q(**{f"{column}__{beyond}": value})
        same &= models.Q(**{column: value})
    # Says again what follows from the rest: the planner can use an index for this, not for the OR.
    first, direction = order[0].removeprefix("-"), "lte" if order[0].startswith("-") else "gte"
    return models.Q(**{f"{first}__{direction}": values[0]}) & condition


def _write(order: Sequence[str], row: models.Model) -> str:
    place = [_plain(getattr(row, name)) for name in _columns(order)]
    return signing.Signer(salt=_SALT).sign_object({"o": list(order), "p": place}, compress=True)


def _read(cursor: str, order: Sequence[str]) -> list[Any]:
    try:
        content = signing.Signer(salt=_SALT).unsign_object(cursor)
    except (signing.BadSignature, ValueError):
        content = {}
    if content.get("o") != list(order):
        raise BadInput(
            "This cursor does not belong to this list. Start again without one.",
            errors={"cursor": "Take it from `next` of an answer of the same list."},
        )
    place: list[Any] = content["p"]
    return place


def _plain(value: Any) -> str | int | bool:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str | int):
        return value
    raise TypeError(f"A list can't be ordered by a {type(value).__name__}: it must be never null and comparable.")
