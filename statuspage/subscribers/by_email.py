"""Notices by mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime

import structlog

from statuspage.models import Notice
from statuspage.subscribers import tokens
from statuspage.subscribers.addresses import ON_THE_WIRE
from statuspage.subscribers.notices import Claimed, Verdict
from statuspage.subscribers.retry import next_try
from statuspage.subscribers.smtp import LineLost, Outcome, Parcel, lines
from statuspage.subscribers.told import Told

log = structlog.get_logger(__name__)


def send(claimed: Sequence[Claimed], told: Told, now: datetime, deadline: float) -> list[Verdict]:
    """Give mails to the server over one kept connection; return a verdict for each.

    While the server is away nobody's tries are counted: the notices wait for it.
    """
    usable = [each for each in claimed if ON_THE_WIRE.fullmatch(each.address)]
    verdicts = [
        Verdict(id=each.id, fence=each.fence, state=Notice.State.FAILED, code="bad_address", refused=True)
        for each in claimed
        if not ON_THE_WIRE.fullmatch(each.address)
    ]
    by_id = {each.id: each for each in usable}
    verdicts.extend(
        _verdict(by_id.pop(outcome.id), outcome, now=now) for outcome in _outcomes(usable, told, now, deadline)
    )
    # Without a connection nothing came back for these.
    verdicts += [
        Verdict(id=each.id, fence=each.fence, state=Notice.State.PENDING, code="unreachable", undone=True)
        for each in by_id.values()
    ]
    return verdicts


def _outcomes(usable: Sequence[Claimed], told: Told, now: datetime, deadline: float) -> Iterator[Outcome]:
    if not usable:
        return
    date = format_datetime(now).encode()
    try:
        with lines.borrowed() as line:
            for outcome in line.send([_parcel(each, told, date) for each in usable], deadline=deadline):
                if outcome.kind == "configuration":
                    lines.shut()
                yield outcome
    except LineLost as lost:
        if lost.kind == "configuration":
            lines.shut()
        log.warning("mail_server_lost", error=str(lost), code=lost.code)


def _parcel(each: Claimed, told: Told, date: bytes) -> Parcel:
    receiver = each.address.encode("ascii")
    body = told.mail(each.language, repeated=each.repeated).fill(
        {
            "to": receiver,
            "id": b"%d" % each.id,
            "date": date,
            "manage": tokens.sign("manage", each.subscriber_id).encode(),
            "unsubscribe": tokens.sign("unsubscribe", each.subscriber_id).encode(),
        }
    )
    return Parcel(id=each.id, receiver=receiver, body=body)


def _verdict(each: Claimed, outcome: Outcome, *, now: datetime) -> Verdict:
    state, due_at, repeated, refused, undone = Notice.State.FAILED, None, False, False, False
    match outcome.kind:
        case "sent":
            state = Notice.State.SENT
        case "unsent":
            state, undone = Notice.State.PENDING, True
        case "temporary" | "configuration":
            due_at = next_try("email", each.tries, now=now)
            state = Notice.State.PENDING if due_at else Notice.State.FAILED
        case "unknown":
            # A mail twice beats none; the second one says that it may be.
            due_at, repeated = next_try("email", each.tries, now=now), True
            state = Notice.State.PENDING if due_at else Notice.State.UNKNOWN
        case "address":
            refused = True
        case "message":
            pass
    return Verdict(
        id=each.id,
        fence=each.fence,
        state=state,
        code=outcome.code,
        due_at=due_at,
        repeated=repeated,
        refused=refused,
        undone=undone,
    )
