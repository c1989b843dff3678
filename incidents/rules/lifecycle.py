"""Which move an incident may make; pure.

`triage → investigating → identified → monitoring → resolved → closed`; among the open ones people skip ahead and go
back as the facts change. `declined` is for what turned out to be none, before anybody took it on; `merged` is for what
turned out to be part of another; `reopen` takes resolved, closed and declined ones back.
"""

from __future__ import annotations

from typing import Final

from web.errors import IllegalMove

_WORKED_ON: Final = frozenset({"investigating", "identified", "monitoring"})

MOVES: Final[dict[str, frozenset[str]]] = {
    "triage": _WORKED_ON | {"resolved", "declined", "merged"},
    "investigating": (_WORKED_ON - {"investigating"}) | {"resolved", "merged"},
    "identified": (_WORKED_ON - {"identified"}) | {"resolved", "merged"},
    "monitoring": (_WORKED_ON - {"monitoring"}) | {"resolved", "merged"},
    "resolved": frozenset({"closed"}),
    "closed": frozenset(),
    "declined": frozenset(),
    "merged": frozenset(),
}
"""From each status, those that may follow without reopening."""

REOPENED: Final[dict[str, str]] = {"resolved": "investigating", "closed": "investigating", "declined": "triage"}
"""What each ended status becomes again."""

PATH: Final = ("triage", "investigating", "identified", "monitoring", "resolved", "closed")
"""The way that a picture of progress shows."""

_ENDED: Final = {
    "resolved": "It is resolved. Reopen it first.",
    "closed": "It is closed. Reopen it first.",
    "declined": "It was declined. Reopen it first.",
    "merged": "It was merged into another incident. Go there.",
}


def check_move(*, now: str, to: str) -> None:
    """Raise `IllegalMove` with a sentence unless status `now` may become `to`; staying is no move, ask before."""
    if to not in MOVES:
        raise IllegalMove(f"There is no status {to!r}. There are {', '.join(MOVES)}.")
    if to in MOVES[now]:
        return
    if now in _ENDED and not (now == "resolved" and to == "closed"):
        raise IllegalMove(_ENDED[now])
    if to == "declined":
        raise IllegalMove("Only an incident in triage can be declined. Resolve this one instead.")
    if to == "closed":
        raise IllegalMove("Resolve it first; only a resolved incident can be closed.")
    raise IllegalMove("Triage is over once somebody has begun. Choose investigating, identified or monitoring.")


def reopened(*, now: str) -> str:
    """Return the status that an ended incident takes when it is reopened; raise `IllegalMove` when it can't be."""
    if now in REOPENED:
        return REOPENED[now]
    if now == "merged":
        raise IllegalMove(_ENDED["merged"])
    raise IllegalMove("It is open already.")


def check_open(status: str, *, doing: str) -> None:
    """Raise `IllegalMove` unless people still respond to it; `doing` completes "…, so you can't <doing>."."""
    if status in _ENDED:
        raise IllegalMove(f"{_ENDED[status]} So you can't {doing}.")


def check_merge(*, child: str, into: str, into_status: str, into_number: int) -> None:
    """Raise `IllegalMove` unless incident `child` may be merged into `into` (opaque ids).

    Only an open one takes others in. With that, a circle can't come to be: an incident that was merged is not open.
    """
    if child == into:
        raise IllegalMove("An incident can't be merged into itself. Choose another one.")
    if into_status in _ENDED:
        raise IllegalMove(f"Incident {into_number} is {into_status}. Choose one that is open, or reopen it.")
