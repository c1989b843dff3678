"""Send the mails of the reset page; find out first who is meant."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet

from resets.models import SelfSetLetter, Token
from resets.self_set.letter_words import body_of
from resets.self_set.operations.answer_request import answer_request
from statuspage.subscribers.addresses import ON_THE_WIRE
from statuspage.subscribers.retry import next_try
from statuspage.subscribers.smtp import LineLost, Parcel, lines

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 8
"""Letters of one claim: sent one after the other, 5 s each at most, within the lease."""
KEPT_FOR: Final = timedelta(days=1)

State = SelfSetLetter.State


def send_letters(*, now: datetime, ids: Sequence[int] | None = None, older_than_s: int = 0) -> int:
    """Send due letters (of `ids`, or any that have waited for `older_than_s`); return how many were taken.

    A letter whose sender died goes out once more, with the same code.
    """
    began = time.monotonic()
    taken = _claim(now=now, ids=ids, older_than_s=older_than_s)
    for letter in taken:
        moment = now + timedelta(seconds=time.monotonic() - began)
        if letter.kind == SelfSetLetter.Kind.REQUEST:
            _answer(letter, now=moment)
            continue
        state, code, due_at = _send(letter, now=moment)
        _still_ours(letter).update(state=state, code=code[:40], lease_until=None, due_at=due_at or letter.due_at)
    return len(taken)


def free_letters(*, now: datetime) -> int:
    """Return letters whose sender died to the waiting ones."""
    old = SelfSetLetter.objects.filter(state=State.SENDING, lease_until__lte=now)
    return old.update(state=State.PENDING, lease_until=None)


def prune(*, now: datetime) -> int:
    """Remove letters, requests with what was typed, and tokens that are of no use any more; return how many rows."""
    ids = (
        SelfSetLetter.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at").values_list("pk", flat=True)
    )
    gone = SelfSetLetter.objects.filter(pk__in=list(ids[:1000])).delete()[0]
    tokens = Token.objects.filter(expires_at__lt=now - KEPT_FOR).order_by("expires_at").values_list("pk", flat=True)
    return gone + Token.objects.filter(pk__in=list(tokens[:1000])).delete()[0]


def _claim(*, now: datetime, ids: Sequence[int] | None, older_than_s: int) -> list[SelfSetLetter]:
    due = SelfSetLetter.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(
        state=State.PENDING, due_at__lte=now - timedelta(seconds=older_than_s)
    )
    if ids is not None:
        due = due.filter(pk__in=list(ids))
    with transaction.atomic():
        rows = due.select_related("account__reset", "account__system", "token").order_by("due_at", "pk")
        letters = list(rows[:AT_ONCE])
        SelfSetLetter.objects.filter(pk__in=[letter.pk for letter in letters]).update(
            state=State.SENDING, lease_until=now + LEASE, fence=F("fence") + 1, tries=F("tries") + 1
        )
    for letter in letters:
        letter.fence += 1
        letter.tries += 1
    return letters


def _answer(letter: SelfSetLetter, *, now: datetime) -> None:
    """Write the owners' letters and end the request in one transaction: a double answers nothing twice."""
    with transaction.atomic():
        if not _still_ours(letter).update(state=State.SENT, lease_until=None):
            return
        if not answer_request(letter, now=now):
            SelfSetLetter.objects.filter(pk=letter.pk).update(state=State.DROPPED)


def _still_ours(letter: SelfSetLetter) -> QuerySet[SelfSetLetter]:
    return SelfSetLetter.objects.filter(pk=letter.pk, fence=letter.fence, state=State.SENDING)


def _send(letter: SelfSetLetter, *, now: datetime) -> tuple[str, str, datetime | None]:
    """Return the letter's next state, the code of it, and when to try again."""
    account = letter.account
    if account is None:
        return State.DROPPED, "", None
    to = account.email.strip()
    if not ON_THE_WIRE.fullmatch(to):
        return State.FAILED, "bad_address", None
    if letter.token is not None and (letter.token.used_at is not None or letter.token.expires_at <= now):
        return State.DROPPED, "expired", None
    kind, code = _posted(letter.pk, to, body_of(letter, account, to=to, date=format_datetime(now)))
    if kind == "sent":
        return State.SENT, code, None
    due_at = None if kind == "final" else next_try("email", letter.tries, now=now)
    return (State.PENDING if due_at else State.FAILED), code, due_at


def _posted(letter_id: int, to: str, body: bytes) -> tuple[str, str]:
    """Give a mail to the server; return "sent", "later" or "final", and the server's code."""
    if lines.is_shut():
        return "later", "unreachable"
    parcel = Parcel(id=letter_id, receiver=to.encode("ascii"), body=body)
    try:
        with lines.borrowed() as line:
            (outcome,) = line.send([parcel], deadline=time.monotonic() + 5.0)
    except LineLost as lost:
        return "later", lost.code
    match outcome.kind:
        case "sent":
            return "sent", outcome.code
        case "address" | "message":
            return "final", outcome.code
        case _:
            return "later", outcome.code
