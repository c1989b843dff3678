"""Send single letters: confirmations, answers to who asks again, news for owners of webhooks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

from django.db import connection, transaction

from notifications.channels.base import ChannelFailure, PermanentFailure, TemporaryFailure
from statuspage.models import Letter
from statuspage.subscribers.addresses import ON_THE_WIRE
from statuspage.subscribers.by_sms import text
from statuspage.subscribers.letter_words import Words, body_of, words_of
from statuspage.subscribers.retry import next_try
from statuspage.subscribers.smtp import LineLost, Parcel, lines

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 8
"""Letters of one claim: sent one after the other, 5 s each at most, within the lease."""
KEPT_FOR: Final = timedelta(days=8)
"""A day longer than the link in it works."""


def send_letters(*, now: datetime, ids: Sequence[int] | None = None, older_than_s: int = 0) -> int:
    """Send due letters (of `ids`, or any that have waited for `older_than_s`); return how many were taken.

    A letter whose sender died goes out once more: its links and its Message-ID are the same.
    """
    began = time.monotonic()
    taken = _claim(now=now, ids=ids, older_than_s=older_than_s)
    for letter in taken:
        state, code, due_at = _send(letter, now=now + timedelta(seconds=time.monotonic() - began))
        Letter.objects.filter(pk=letter.pk, fence=letter.fence, state=Letter.State.SENDING).update(
            state=state, code=code[:40], lease_until=None, due_at=due_at or letter.due_at
        )
    return len(taken)


def free_letters(*, now: datetime) -> int:
    """Return letters whose sender died to the waiting ones."""
    old = Letter.objects.filter(state=Letter.State.SENDING, lease_until__lte=now)
    return old.update(state=Letter.State.PENDING, lease_until=None)


def prune_letters(*, now: datetime) -> int:
    """Remove letters that are of no use any more, and subscribers who never confirmed; return how many letters."""
    old = Letter.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at").values("pk")[:1000]
    return Letter.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]


def _claim(*, now: datetime, ids: Sequence[int] | None, older_than_s: int) -> list[Letter]:
    due = Letter.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(
        state=Letter.State.PENDING, due_at__lte=now - timedelta(seconds=older_than_s)
    )
    if ids is not None:
        due = due.filter(pk__in=list(ids))
    with transaction.atomic():
        letters = list(due.select_related("subscriber__page").order_by("due_at", "pk")[:AT_ONCE])
        for letter in letters:
            letter.fence += 1
            letter.tries += 1
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE statuspage_letter SET state = 'sending', lease_until = %s, fence = fence + 1, tries = tries + 1"
                " WHERE id = ANY(%s)",
                [now + LEASE, [letter.pk for letter in letters]],
            )
    return letters


def _send(letter: Letter, *, now: datetime) -> tuple[str, str, datetime | None]:
    """Return the letter's next state, the code of it, and when to try again."""
    words = words_of(letter)
    if words is None or letter.subscriber is None:
        return Letter.State.DROPPED, "", None
    try:
        code = _by_text(words, now=now) if words.by == "sms" else _by_mail(letter, words, now=now)
    except (LineLost, TemporaryFailure) as lost:
        due_at = next_try("email", letter.tries, now=now)
        return (Letter.State.PENDING if due_at else Letter.State.FAILED), lost.code, due_at
    except ChannelFailure as failure:
        return Letter.State.FAILED, failure.code, None
    return Letter.State.SENT, code, None


def _by_text(words: Words, *, now: datetime) -> str:
    text(to=words.to, words=words.title, language=words.language, now=now)
    return ""


def _by_mail(letter: Letter, words: Words, *, now: datetime) -> str:
    if letter.subscriber is None or not ON_THE_WIRE.fullmatch(words.to):
        raise PermanentFailure("This is no address for a mail.", scope="address", code="bad_address")
    if lines.is_shut():
        raise TemporaryFailure("The mail server was away a moment ago.", code="unreachable")
    body = body_of(words, page=letter.subscriber.page, letter_id=letter.pk, date=format_datetime(now))
    parcel = Parcel(id=letter.pk, receiver=words.to.encode("ascii"), body=body)
    with lines.borrowed() as line:
        (outcome,) = line.send([parcel], deadline=time.monotonic() + 5)
    if outcome.kind in ("temporary", "configuration", "unsent"):
        raise TemporaryFailure("The mail server did not take it.", code=outcome.code)
    if outcome.kind in ("address", "message"):
        raise PermanentFailure("The mail server refused it.", scope="address", code=outcome.code)
    return outcome.code
