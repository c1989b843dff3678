"""Send what a round may send now, outside any transaction, and write down what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

import structlog
from django.db import connection

from resets.models import Notice, NoticeLetter
from resets.notices.letters import Claimed, Verdict, claim, record_letters
from resets.notices.mail import named, notice_form
from resets.notices.writing import is_reminder
from statuspage.subscribers.addresses import ON_THE_WIRE
from statuspage.subscribers.mail_form import MailForm
from statuspage.subscribers.retry import next_try
from statuspage.subscribers.smtp import LineLost, Outcome, Parcel, lines

log = structlog.get_logger(__name__)

BATCH_S: Final = 20.0
"""After this a batch gives back what it has not begun; a third of the lease."""
LANES: Final = 2
"""Threads of one process that send notices at the same time: the rest of them stay free for other work."""
TURN_S: Final = 10.0

_free: Final = threading.BoundedSemaphore(LANES)

_ACCOUNTS: Final = """
SELECT lower(a.email), array_agg(a.login ORDER BY a.position) FROM resets_account a
WHERE a.reset_id = %s AND a.email <> '' AND lower(a.email) = ANY(%s) {further}
GROUP BY lower(a.email)
"""
_NOT_RESET: Final = "AND NOT EXISTS (SELECT FROM resets_return r WHERE r.account_id = a.id)"


def take_turn(notice_id: int, *, now: datetime) -> int:
    """Send what a round may send, until its pace says wait or the turn is over; return how many letters were taken."""
    if not _free.acquire(blocking=False):
        return 0
    began, taken = time.monotonic(), 0
    try:
        while (spent := time.monotonic() - began) < TURN_S:
            batch = send_batch(notice_id, now=now + timedelta(seconds=spent))
            if not batch:
                break
            taken += batch
    finally:
        _free.release()
    return taken


def send_batch(notice_id: int, *, now: datetime) -> int:
    """Send the next letters of a round; return how many were taken, 0 while none may go or the mail server is away."""
    if lines.is_shut():
        return 0
    began = time.monotonic()
    claimed = claim(notice_id, now=now)
    if not claimed:
        return 0
    notice = Notice.objects.select_related("reset").get(pk=notice_id)
    verdicts = _send(notice, claimed, now=now, deadline=began + BATCH_S)
    record_letters(verdicts, now=now + timedelta(seconds=time.monotonic() - began))
    return len(claimed)


def _send(notice: Notice, claimed: Sequence[Claimed], *, now: datetime, deadline: float) -> list[Verdict]:
    accounts = _accounts(notice, [each.address for each in claimed])
    verdicts, usable = [], {}
    for each in claimed:
        if not accounts.get(each.address):
            # Between its writing and now the owner was faster.
            verdicts.append(Verdict(id=each.id, fence=each.fence, state=NoticeLetter.State.WITHDRAWN, undone=True))
        elif not ON_THE_WIRE.fullmatch(each.address):
            state = NoticeLetter.State.BOUNCED
            verdicts.append(Verdict(id=each.id, fence=each.fence, state=state, code="bad_address"))
        else:
            usable[each.id] = each
    outcomes = _outcomes(notice, list(usable.values()), accounts, now=now, deadline=deadline)
    verdicts.extend(_verdict(usable.pop(outcome.id), outcome, now=now) for outcome in outcomes)
    # Without a connection nothing came back for these.
    verdicts += [
        Verdict(id=each.id, fence=each.fence, state=NoticeLetter.State.PENDING, code="unreachable", undone=True)
        for each in usable.values()
    ]
    return verdicts


def _accounts(notice: Notice, addresses: Sequence[str]) -> dict[str, list[str]]:
    """Return the logins that a mail to each address is about."""
    with connection.cursor() as cursor:
        further = _NOT_RESET if is_reminder(notice) else ""
        cursor.execute(_ACCOUNTS.format(further=further), [notice.reset_id, list(addresses)])
        return dict(cursor.fetchall())


def _outcomes(
    notice: Notice,
    usable: Sequence[Claimed],
    accounts: Mapping[str, Sequence[str]],
    *,
    now: datetime,
    deadline: float,
) -> Iterator[Outcome]:
    if not usable:
        return
    forms: dict[tuple[str, bool], MailForm] = {}
    parcels = []
    for each in usable:
        key = (each.language, each.repeated)
        form = forms.get(key) or forms.setdefault(key, notice_form(notice, each.language, repeated=each.repeated))
        receiver = each.address.encode("ascii")
        values = {"to": receiver, "id": b"%d" % each.id, "date": format_datetime(now).encode()}
        body = form.fill({**values, "accounts": named(accounts[each.address])})
        parcels.append(Parcel(id=each.id, receiver=receiver, body=body))
    try:
        with lines.borrowed() as line:
            for outcome in line.send(parcels, deadline=deadline):
                if outcome.kind == "configuration":
                    lines.shut()
                yield outcome
    except LineLost as lost:
        if lost.kind == "configuration":
            lines.shut()
        log.warning("mail_server_lost", error=str(lost), code=lost.code)


def _verdict(each: Claimed, outcome: Outcome, *, now: datetime) -> Verdict:
    states = NoticeLetter.State
    due_at = next_try("email", each.tries, now=now)
    repeated, undone = False, False
    match outcome.kind:
        case "sent":
            state, due_at = states.SENT, None
        case "unsent":
            state, due_at, undone = states.PENDING, None, True
        case "temporary" | "configuration":
            state = states.PENDING if due_at else states.FAILED
        case "unknown":
            # A mail twice beats none; the second one says that it may be.
            state, repeated = (states.PENDING if due_at else states.UNKNOWN), True
        case "address":
            state, due_at = states.BOUNCED, None
        case "message":
            state, due_at = states.FAILED, None
    return Verdict(
        id=each.id,
        fence=each.fence,
        state=state,
        code=outcome.code,
        due_at=due_at,
        repeated=repeated,
        undone=undone,
    )
