"""Look at accounts after the work, as the systems see them: the whole canary, and some hundreds of each system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from eap.actions.base import Stopped, Trouble
from ledger.actor import Actor
from resets.backends.base import Backend, Check, Guard
from resets.models import Account, AccountCheck, Phase, Reset, System, Verification
from resets.news import News, progressed
from resets.operations.locking import locked
from resets.operations.pause import pause
from resets.operations.release import reached
from resets.proof.sampling import LEAST, canary_of, sample_of
from resets.scope.gather import Opener
from web.errors import IllegalMove, NotFound

AT_ONCE: Final = 50
LAST_WAVE: Final = 4


def verify(
    *,
    reset_id: UUID | str,
    canary_only: bool,
    by: Actor,
    clock: Callable[[], datetime],
    wanted: int = LEAST,
    opened: Opener | None = None,
    say: Callable[[str], None] = lambda _text: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Verification:
    """Look at the canary, and unless `canary_only` at `wanted` accounts of each system by chance; return what was seen.

    Only accounts that the work has come through are looked at. A check of the canary that fails pauses the reset. A
    system that can't be reached, or can't look, is counted as untried, never as well. Blocks, outside any transaction;
    changes nothing on the systems. Raises `IllegalMove` before any account was disabled or locked.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Systems are looked at outside any transaction.")
    reset = Reset.objects.filter(pk=reset_id).first()
    if reset is None:
        raise NotFound("There is no such reset.")
    through = _through(reset)
    if through < 0:
        raise IllegalMove("No account has been disabled or locked yet; there is nothing to verify.")
    row = Verification.objects.create(reset=reset, canary_only=canary_only, wanted=wanted, started_at=clock())
    accounts = canary_of(reset)
    if not canary_only:
        for system in reset.systems.order_by("pk"):
            accounts += sample_of(reset, system_id=system.pk, wanted=wanted, done_through=through)
    open_system = opened or _opener(say, stopped)
    for checks in _looked(row, accounts, open_system, say, stopped):
        AccountCheck.objects.bulk_create(checks)
        progressed(reset.subject)
    return _end(row, accounts, by=by, now=clock())


def _through(reset: Reset) -> int:
    """Return the last wave that was disabled, or locked or rotated, throughout."""
    done = reached(reset)
    return max((done.get(name, -1) for name in (Phase.Name.DISABLE, Phase.Name.LOCK, Phase.Name.ROTATE)), default=-1)


def _opener(say: Callable[[str], None], stopped: Callable[[], bool]) -> Opener:
    from resets.opening import open_backend

    def opened(system: System) -> AbstractContextManager[Backend[Any]]:
        return closing(open_backend(system, say=say, stopped=stopped))

    return opened


def _looked(
    row: Verification,
    accounts: Sequence[Account],
    opened: Opener,
    say: Callable[[str], None],
    stopped: Callable[[], bool],
) -> Iterator[list[AccountCheck]]:
    in_order = sorted(accounts, key=lambda account: (account.system_id, account.shard, account.position))
    guard = Guard(generation=row.reset.generation, cutoff=row.reset.cutoff)
    for _pk, of_system in groupby(in_order, key=lambda account: account.system_id):
        mine = list(of_system)
        system = mine[0].system
        say(f"Looking at {len(mine)} accounts of {system.name}.")
        try:
            opening = opened(system)
        except Trouble as trouble:
            yield _unseen(row, mine, trouble.sentence)
            continue
        with opening as backend:
            able = "verify" in backend.abilities
            for part in _parts(mine):
                _go_on(stopped)
                yield (
                    _seen(row, part, backend, guard) if able else _unseen(row, part, "This kind of system can't look.")
                )


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Stopped("It was told to stop; what was seen so far is kept.", confirmed=True)


def _parts(accounts: Iterable[Account]) -> Iterator[list[Account]]:
    for _shard, of_shard in groupby(accounts, key=lambda account: account.shard):
        mine = list(of_shard)
        for at in range(0, len(mine), AT_ONCE):
            yield mine[at : at + AT_ONCE]


def _seen(row: Verification, accounts: list[Account], backend: Backend[Any], guard: Guard) -> list[AccountCheck]:
    """Look at some accounts of one host; a host that can't be reached is untried, and the others go on."""
    by_login = {account.login: account for account in accounts}
    try:
        checks = backend.verify(accounts[0].shard, list(by_login), guard=guard)
    except Trouble as trouble:
        return _unseen(row, accounts, trouble.sentence)
    once = {(check.login, check.what): check for check in checks if check.login in by_login}
    said = {login for login, _what in once}
    silent = [account for login, account in by_login.items() if login not in said]
    return [
        *(_check(row, by_login[check.login], check) for check in once.values()),
        *_unseen(row, silent, "The system said nothing of this account."),
    ]


def _check(row: Verification, account: Account, check: Check) -> AccountCheck:
    return AccountCheck(
        verification=row,
        system_id=account.system_id,
        account=account,
        canary=account.wave == 0,
        what=check.what,
        holds=check.holds,
        sentence=check.sentence[:500],
    )


def _unseen(row: Verification, accounts: Iterable[Account], sentence: str) -> list[AccountCheck]:
    return [
        _check(row, account, Check(login=account.login, what="state_effective", holds=None, sentence=sentence))
        for account in accounts
    ]


def _end(row: Verification, accounts: Sequence[Account], *, by: Actor, now: datetime) -> Verification:
    """Count what was seen, tell of it, and pause the reset where the canary is not well."""
    with transaction.atomic():
        reset = locked(row.reset)
        checks = AccountCheck.objects.filter(verification=row)
        row.failed = checks.filter(holds=False).count()
        row.untried = checks.filter(holds=None).count()
        row.looked_at = checks.exclude(holds=None).values("account").distinct().count()
        row.ended_at = now
        row.save()
        ill = checks.filter(holds=False, canary=True).values("account").distinct().count()
        news = News(reset, by=by, now=now)
        news.say(
            "reset.verified",
            {
                "canary_only": row.canary_only,
                "asked": len(accounts),
                "looked_at": row.looked_at,
                "failed": row.failed,
                "untried": row.untried,
                "canary_failed": ill,
            },
        )
        news.publish()
        if ill and reset.state == Reset.State.RUNNING:
            reason = f"{ill} accounts of the canary are not as they should be; there any failure stops."
            pause(reset=reset, by=Actor.system(), now=now, reason=reason)
    return row
