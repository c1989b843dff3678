"""Ask for a code: the same row and the same answer, whether anybody bears the login or not."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from engine import broker
from resets.models import SelfSetLetter

TASK: Final = "resets.send_letters"
QUEUE: Final = "bulk"


def ask(*, login: str, language: str, now: datetime) -> SelfSetLetter:
    """Keep that somebody asked for the code of an account. Nothing is looked up here: one row, whatever the login."""
    return post(SelfSetLetter(kind=SelfSetLetter.Kind.REQUEST, login=login, language=language), now=now)


def post(letter: SelfSetLetter, *, now: datetime) -> SelfSetLetter:
    """Keep a letter to be sent, in the caller's transaction, and hand it over after the commit."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("A letter is kept in the transaction of what it is about.")
    letter.due_at = letter.created_at = now
    letter.save(force_insert=True)
    transaction.on_commit(partial(broker.hand_over, TASK, [str(letter.pk)], QUEUE))
    return letter
