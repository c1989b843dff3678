"""Freeze a reset: from here on everybody knows which accounts it is about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from eap.actions.base import Trouble
from ledger.actor import Actor
from resets.backends.base import Backend
from resets.models import Reset, System
from resets.news import News
from resets.operations.exclude import digest_of
from resets.operations.locking import locked
from resets.scope.gather import Around, Gathered, Opener, gather
from resets.scope.numbering import Numbered, number
from web.errors import IllegalMove, NotFound


def _heard(_text: str) -> None:
    """Nobody listens."""


def freeze(
    *,
    reset_id: UUID | str,
    by: Actor,
    clock: Callable[[], datetime],
    opened: Opener | None = None,
    say: Callable[[str], None] = _heard,
    stopped: Callable[[], bool] = lambda: False,
) -> Reset:
    """Read the accounts in scope from all systems, then freeze them in one transaction; return the reset.

    Blocks as long as the systems take and runs outside any transaction. Frozen already, nothing changes. Raises
    `IllegalMove` where accounts on the list are not approved or the list changed meanwhile, `Trouble` when a system
    can't be read or no account is in scope; then it is a draft as before. Locks the reset at the end only.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Systems are read outside any transaction.")
    reset = Reset.objects.filter(pk=reset_id).first()
    if reset is None:
        raise NotFound("There is no such reset.")
    if reset.frozen_at is not None:
        return reset
    _check(reset)
    listed = digest_of(reset.exclusions.select_related("system"))
    around = Around(opened=opened or partial(_opened, say=say, stopped=stopped), say=say, stopped=stopped)
    gathered = gather(reset, around=around)
    with gathered.file:
        if gathered.count == 0:
            raise Trouble("No account is in scope: nobody's password is older than the cutoff, or all are left alone.")
        say("Freezing the list.")
        with transaction.atomic():
            return _keep(reset, gathered, listed=listed, by=by, now=clock())


def _opened(
    system: System, *, say: Callable[[str], None], stopped: Callable[[], bool]
) -> AbstractContextManager[Backend[Any]]:
    from contextlib import closing

    from resets.opening import open_backend

    return closing(open_backend(system, say=say, stopped=stopped))


def _check(reset: Reset) -> None:
    if reset.state != Reset.State.DRAFT:
        raise IllegalMove(f"The reset is {reset.get_state_display().lower()}; it can't be frozen any more.")
    waiting = reset.exclusions.filter(Q(approved_at=None) | Q(approved_by=None)).count()
    if waiting:
        raise IllegalMove(
            f"{waiting} accounts on the list of those to be left alone are not approved. Another person than who wrote"
            " the list approves it on the reset's page."
        )


def _keep(reset: Reset, gathered: Gathered, *, listed: str, by: Actor, now: datetime) -> Reset:
    reset = locked(reset)
    if reset.frozen_at is not None:
        return reset
    _check(reset)
    if digest_of(reset.exclusions.select_related("system")) != listed:
        raise IllegalMove(
            "The list of accounts to be left alone was changed while the systems were read. Freeze again."
        )
    numbered = number(reset, gathered)
    reset.count, reset.digest, reset.frozen_at = numbered.count, numbered.digest, now
    reset.state, reset.trouble = Reset.State.FROZEN, ""
    reset.save(update_fields=["count", "digest", "frozen_at", "state", "trouble"])
    _record(reset, numbered, spared=gathered.spared, listed=listed, by=by, now=now)
    return reset


def _record(reset: Reset, numbered: Numbered, *, spared: int, listed: str, by: Actor, now: datetime) -> None:
    news = News(reset, by=by, now=now)
    news.say(
        "reset.frozen",
        {
            "accounts": numbered.count,
            "digest": numbered.digest,
            "waves": list(numbered.waves),
            "cutoff": reset.cutoff.isoformat(),
            "left_alone": spared,
            "exclusions": listed,
        },
    )
    news.publish()
