"""Lists with filters, and waiting for the next change instead of asking again and again."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web

from simulator.network import Network
from simulator.records import Record
from simulator.shelf import Shelf

R = TypeVar("R", bound=Record)

LONGEST_WAIT_S = 60.0
MOST_ITEMS = 10_000


async def listing(*, network: Network, shelf: Shelf[R], query: Mapping[str, str], also: tuple[str, ...] = ()) -> Any:
    """`{"items": […], "next": null, "seq": n}`, oldest first, filtered by `to`, `state` and the names in `also`.

    `after`: only items changed since that `seq`. `wait_s`: if there is none, waits up to so many seconds for one.
    `limit`: the newest so many. `seq` is what to give as `after` next time.
    """
    after = _number(query, "after", 0)
    limit = int(min(_number(query, "limit", MOST_ITEMS), MOST_ITEMS))
    wait_s = min(_number(query, "wait_s", 0.0), LONGEST_WAIT_S)
    matches = _filter({name: query[name] for name in ("to", "state", *also) if query.get(name)})
    deadline = asyncio.get_running_loop().time() + wait_s
    while True:
        seq = network.bell.seq
        found = shelf.since(after=int(after), matches=matches)[-limit:]
        left = deadline - asyncio.get_running_loop().time()
        if found or left <= 0 or not await network.bell.wait(seconds=left):
            return {"items": [record.public() for record in found], "next": None, "seq": seq}


def _filter(wanted: Mapping[str, str]) -> Callable[[Record], bool]:
    def matches(record: Record) -> bool:
        for name, value in wanted.items():
            held = getattr(record, name)
            if held != value and not (name == "to" and "@" in value and held == value.lower()):
                return False
        return True

    return matches


def _number(query: Mapping[str, str], name: str, default: float) -> float:
    text = query.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"{name} must be a number, not {text}") from error
    if not 0 <= value < 1e15:
        raise web.HTTPBadRequest(text=f"{name} must not be negative")
    return value
