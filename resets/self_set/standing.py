"""Which accounts may set a new password now, and why another one may not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from django.db.models import Exists, OuterRef

from resets.backends.registry import kind_of
from resets.models import Account, Chunk, Exceptional, Exclusion, Phase, Reset, Return
from resets.rules.order import REPLACES

OPEN_FOR: Final = timedelta(days=180)
"""After a reset is done its stragglers still have no other way in."""
MOST: Final = 10
"""Accounts of one login that are written to: it may exist on several systems, each with an owner of its own."""

Standing = Literal["open", "later", "returned", "closed"]
"""later: its old password, sessions and keys are not all gone yet. closed: this page does nothing for it."""


def accounts_called(login: str, *, now: datetime) -> list[Account]:
    """Return the accounts of a login in resets that are under way or lately done: on each system the newest one.

    A reset that has not begun has done nothing to them: it does not stand in the way of those before it.
    """
    begun = Phase.objects.filter(reset=OuterRef("reset"))
    rows = (
        Account.objects.filter(Exists(begun), login=login)
        .select_related("reset", "system")
        .order_by("-reset__generation", "pk")[: MOST * 3]
    )
    newest: dict[tuple[int, str], Account] = {}
    for account in rows:
        newest.setdefault((account.system_id, account.shard), account)
    return [each for each in newest.values() if is_in_progress(each.reset, now=now)][:MOST]


def is_in_progress(reset: Reset, *, now: datetime) -> bool:
    """Tell whether owners may come back by this reset. An aborted one fails closed: support decides."""
    if reset.state in (Reset.State.RUNNING, Reset.State.PAUSED):
        return True
    return reset.state == Reset.State.DONE and (reset.ended_at is None or now - reset.ended_at < OPEN_FOR)


def standing_of(account: Account, *, now: datetime) -> Standing:
    """Tell whether the owner of an account may set a password now. A bounded number of queries."""
    if not is_in_progress(account.reset, now=now) or account.system.archived_at is not None or not account.email:
        return "closed"
    if _is_excluded(account) or _is_superseded(account):
        return "closed"
    if Return.objects.filter(account=account).exists():
        return "returned"
    try:
        abilities = kind_of(account.system.kind).abilities
    except KeyError:
        return "closed"
    if "set_password" not in abilities:
        return "closed"
    # Whoever comes back sooner would leave the intruder's keys and sessions in an account that is open again. A system
    # that can't do one of these comes through its phase all the same, left alone.
    needed = (REPLACES[account.reset.mode], Phase.Name.REVOKE)
    return "open" if all(_is_through(account, phase) for phase in needed) else "later"


def _is_excluded(account: Account) -> bool:
    return Exclusion.objects.filter(reset=account.reset_id, system=account.system_id, login=account.login).exists()


def _is_superseded(account: Account) -> bool:
    """Tell whether a newer reset has begun with the account: what was proved for this one proves nothing there."""
    newer = Account.objects.filter(
        Exists(Phase.objects.filter(reset=OuterRef("reset"))),
        login=account.login,
        system=account.system_id,
        shard=account.shard,
        reset__generation__gt=account.reset.generation,
    )
    return newer.exists()


def _is_through(account: Account, phase: str) -> bool:
    """Tell whether a phase came through for an account: its chunk is done and it was not missed."""
    chunk = (
        Chunk.objects.filter(phase__reset=account.reset_id, phase__name=phase, first__lte=account.position)
        .order_by("-first")
        .first()
    )
    if chunk is None or chunk.last < account.position or chunk.state != Chunk.State.DONE:
        return False
    missed = Exceptional.objects.filter(
        account=account, phase=chunk.phase_id, state__in=[Exceptional.State.RETRY, Exceptional.State.FAILED]
    )
    return not missed.exists()
