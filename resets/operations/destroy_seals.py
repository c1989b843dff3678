"""Destroy the sealed hashes of a reset, by two people: one asks, another one does it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from ledger.actor import Actor
from people.models import Person
from resets.models import Chunk, Phase, Reset, Seal, SealDestruction
from resets.news import News
from resets.operations.locking import locked
from web.errors import IllegalMove, NotAllowed


def ask_to_destroy_seals(*, reset: Reset, by: Actor, now: datetime) -> SealDestruction:
    """Ask that the sealed hashes be destroyed; another person does it. Asking again changes nothing. Locks the reset.

    Raises `NotAllowed` for machines, `IllegalMove` where nothing is sealed or sealing is under way.
    """
    reset = locked(reset)
    asked = SealDestruction.objects.filter(reset=reset).first()
    if asked is not None:
        return asked
    person = _person(by)
    _check(reset)
    asked = SealDestruction.objects.create(reset=reset, asked_by=person, asked_by_name=by.name[:100], asked_at=now)
    news = News(reset, by=by, now=now)
    news.say("reset.seals_doomed")
    news.publish()
    return asked


def destroy_seals(*, reset: Reset, by: Actor, now: datetime) -> SealDestruction:
    """Destroy what was asked to be destroyed, and return the record of it. Destroyed already, nothing changes.

    The rows are gone with the commit; their places on disk are used again after the next vacuum, which the caller may
    start with `sweep`. Copies in backups stay sealed there until those expire. Raises `NotAllowed` for who asked and
    for machines, `IllegalMove` where nobody asked. Locks the reset.
    """
    reset = locked(reset)
    asked = SealDestruction.objects.filter(reset=reset).first()
    if asked is None:
        raise IllegalMove("Nobody has asked for it yet: one person asks, another one destroys.")
    if asked.done_at is not None:
        return asked
    person = _person(by)
    if person.pk == asked.asked_by_id:
        raise NotAllowed("You asked for it; another person destroys the sealed hashes.")
    _check(reset)
    boxes = Seal.objects.filter(reset=reset)
    asked.boxes, asked.accounts = boxes.count(), boxes.aggregate(sum=Sum("accounts"))["sum"] or 0
    boxes.delete()
    asked.done_by, asked.done_by_name, asked.done_at = person, by.name[:100], now
    asked.save()
    news = News(reset, by=by, now=now)
    news.say(
        "reset.seals_destroyed",
        {"boxes": asked.boxes, "accounts": asked.accounts, "asked_by": asked.asked_by_name},
    )
    news.publish()
    return asked


def sweep() -> None:
    """Have PostgreSQL let go of the destroyed rows' contents (VACUUM); outside any transaction."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM resets_seal")


def _person(by: Actor) -> Person:
    person = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    if person is None:
        raise NotAllowed("Only people destroy sealed hashes, two of them.")
    return person


def _check(reset: Reset) -> None:
    if not Seal.objects.filter(reset=reset).exists():
        raise IllegalMove("Nothing is sealed.")
    left = Chunk.objects.filter(phase__reset=reset, phase__name=Phase.Name.SEAL, state__in=["pending", "leased"])
    if left.filter(due_at__isnull=False).exists() or left.filter(state="leased").exists():
        raise IllegalMove("Hashes are still being sealed.")
