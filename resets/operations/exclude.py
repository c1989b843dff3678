"""The list of accounts that a reset leaves alone: written by one person, approved by another one, then frozen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from ledger.actor import Actor
from ledger.rules import JSON
from people.models import Person
from resets.models import Exclusion, Reset, System
from resets.news import News
from resets.operations.locking import locked
from web.errors import BadInput, IllegalMove, NotAllowed, NotFound

MOST: Final = 5_000
"""A longer list is no list of exceptions any more; narrow the selection down instead."""


@dataclass(frozen=True, kw_only=True)
class Spared:
    """An account to be left alone, and why: break-glass, monitoring, platform."""

    system: System
    login: str
    reason: str


def exclude(*, reset_id: UUID | str, spared: Iterable[Spared], by: Actor, now: datetime) -> list[Exclusion]:
    """Put accounts on the list; one that stands there already gets the new reason and waits for approval again.

    Raises `BadInput` for an account without login or reason, `IllegalMove` once the reset is frozen. Locks the reset.
    """
    reset = _draft(reset_id)
    covered = set(reset.systems.values_list("pk", flat=True))
    wanted = {(each.system.pk, each.login.strip()): each for each in spared}
    _check(reset, wanted.values(), covered)
    person = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    rows = [
        Exclusion(
            reset=reset,
            system_id=system,
            login=login,
            reason=each.reason.strip(),
            added_by=person,
            added_by_name=by.name[:100],
        )
        for (system, login), each in sorted(wanted.items())
    ]
    Exclusion.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["reset", "system", "login"],
        update_fields=["reason", "added_by", "added_by_name", "approved_by", "approved_at"],
    )
    _record(reset, "reset.excluded", by=by, now=now, count=len(rows))
    return rows


def include(*, reset_id: UUID | str, exclusion_id: int, by: Actor, now: datetime) -> None:
    """Take an account off the list; what is left waits for approval again, because nobody approved a list without it.

    Taking it off twice changes nothing. Locks the reset.
    """
    reset = _draft(reset_id)
    gone, _rows = reset.exclusions.filter(pk=exclusion_id).delete()
    if gone:
        reset.exclusions.update(approved_by=None, approved_at=None)
        _record(reset, "reset.included", by=by, now=now, count=gone)


def approve_exclusions(*, reset_id: UUID | str, digest: str, by: Actor, now: datetime) -> int:
    """Approve the list as it was read, and return how many accounts are on it.

    `digest` is that of the list the person saw (`digest_of`): a list changed meanwhile is not approved unseen. Raises
    `NotAllowed` for who wrote any of it and for machines, `IllegalMove` for a changed or empty list. Locks the reset.
    """
    reset = _draft(reset_id)
    rows = list(reset.exclusions.select_related("system"))
    if not rows:
        raise IllegalMove("The list is empty; there is nothing to approve.")
    if digest != digest_of(rows):
        raise IllegalMove("The list was changed after you opened it. Read it again, then approve it.")
    person = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    if person is None:
        raise NotAllowed("The list is approved by a person.")
    if any(row.added_by_id == person.pk for row in rows):
        raise NotAllowed("You wrote some of this list; another person approves it.")
    reset.exclusions.update(approved_by=person, approved_at=now)
    _record(reset, "reset.exclusions_approved", by=by, now=now, count=len(rows), digest=digest)
    return len(rows)


def digest_of(rows: Iterable[Exclusion]) -> str:
    """Return the SHA-256 of a list: its lines (system, login, reason) in order. Read with `select_related`."""
    lines = sorted(f"{row.system.key}\t{row.login}\t{row.reason}\n" for row in rows)
    return sha256("".join(lines).encode()).hexdigest()


def _draft(reset_id: UUID | str) -> Reset:
    reset = Reset.objects.filter(pk=reset_id).first()
    if reset is None:
        raise NotFound("There is no such reset.")
    reset = locked(reset)
    if reset.state != Reset.State.DRAFT:
        raise IllegalMove("The accounts are frozen, and the list with them.")
    return reset


def _check(reset: Reset, wanted: Iterable[Spared], covered: set[int]) -> None:
    wanted = list(wanted)
    errors = {}
    if not wanted:
        errors["accounts"] = "Name at least one account."
    for each in wanted:
        if not 1 <= len(each.login.strip()) <= 254 or "\x00" in each.login:
            errors["login"] = "A login has 1 to 254 characters."
        if not 3 <= len(each.reason.strip()) <= 300:
            errors["reason"] = f"Say why {each.login} is left alone, in at most 300 characters."
        if each.system.pk not in covered:
            errors["system"] = f"{each.system.name} is not covered by this reset."
    if len(wanted) + reset.exclusions.count() > MOST:
        errors["accounts"] = f"At most {MOST} accounts can be left alone; narrow the selection down instead."
    if errors:
        raise BadInput("The list was not changed. " + " ".join(errors.values()), errors=errors)


def _record(reset: Reset, verb: str, *, by: Actor, now: datetime, count: int, digest: str = "") -> None:
    payload: dict[str, JSON] = {"accounts": count}
    if digest:
        payload["digest"] = digest
    news = News(reset, by=by, now=now)
    news.say(verb, payload)
    news.publish()
