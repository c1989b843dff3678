"""Erase what a person wrote, and leave the chain whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from ledger.actor import Actor
from ledger.chains import ERASED
from ledger.models import Head, PersonalText
from ledger.operations.append import append


def erase_personal_text(*, subject: str, seqs: Sequence[int], by: Actor, now: datetime) -> list[int]:
    """Erase the texts of the entries `seqs` of `subject` in the caller's transaction; return those that had one.

    The erasure is itself an entry; a text that is gone without one is a break of the ledger. With the text goes its
    salt, so that the digest that stays tells nothing. Erasing again changes nothing. Locks the subject's head. Backups
    and sealed segments keep their copies until they are removed.
    """
    # Locked before the look, so that of two erasures of the same text the second finds nothing to do.
    list(Head.objects.select_for_update(no_key=True).filter(subject=subject))
    standing = sorted(
        PersonalText.objects.filter(subject=subject, seq__in=list(seqs)).values_list("seq", flat=True),
    )
    if not standing:
        return []
    append(subject=subject, verb=ERASED, by=by, now=now, payload={"seqs": standing})
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('muster.ledger_erasing', 'on', true)")
        cursor.execute("DELETE FROM ledger_personaltext WHERE subject = %s AND seq = ANY(%s)", [subject, standing])
        cursor.execute("SELECT set_config('muster.ledger_erasing', 'off', true)")
    return standing
