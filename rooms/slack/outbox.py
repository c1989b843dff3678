"""The outbox at work: claim what is due, call Slack outside any transaction, record what came of it."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from engine import clock
from notifications.channels.base import ChannelFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.slack.client import call, trouble
from notifications.slack.errors import UNUSABLE
from notifications.slack.history import channel_made, posted, stamped
from notifications.slack.response_url import answer_by
from rooms.models import SlackOutgoing, SlackPause
from rooms.slack import outcomes
from rooms.slack.workspace import note_trouble, team_id
from web import live

LEASE: Final = timedelta(seconds=20)
"""Twice what asking whether it was done and doing it may take."""
LONGEST_PAUSE_S: Final = 300.0
CLOCKS_APART: Final = timedelta(seconds=60)
KEPT: Final = ("ok", "ts", "channel", "view", "permalink", "already", "user", "message_ts")

log = structlog.get_logger(__name__)

# A row waits for earlier ones of its lane that are due, under way or being tried again, not for those of a later time.
_CLAIM: Final = """
UPDATE rooms_slackoutgoing SET
    state = 'sending', tries = tries + 1, lease_until = %(lease)s, uncertain = uncertain OR state = 'sending'
WHERE id = (
    SELECT o.id FROM rooms_slackoutgoing o
    WHERE ((o.state = 'pending' AND o.not_before <= %(before)s) OR (o.state = 'sending' AND o.lease_until < %(now)s))
        AND (%(ids)s::bigint[] IS NULL OR o.id = ANY(%(ids)s))
        AND (%(lane)s::text IS NULL OR o.lane = %(lane)s)
        AND (o.lane = '' OR NOT EXISTS (
            SELECT 1 FROM rooms_slackoutgoing e
            WHERE e.lane = o.lane AND e.id < o.id AND (
                e.state = 'sending' OR (e.state = 'pending' AND (e.not_before <= %(now)s OR e.tries > 0))
            )
        ))
        AND NOT EXISTS (
            SELECT 1 FROM rooms_slackpause p WHERE p.method = o.method AND p.team_id = %(team)s AND p.until > %(now)s
        )
    ORDER BY o.not_before, o.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
) RETURNING id
"""


def send_due(
    *,
    now: datetime,
    ids: Sequence[int] | None = None,
    patience_s: float = 0,
    most: int = 50,
    until: float | None = None,
) -> int:
    """Make the calls that are due, of `ids` and then of their lanes (None: all that waits for `patience_s`).

    Returns how many calls were made. `until` is a `time.monotonic` after which none is begun. Expects no transaction.
    """
    if connection.in_atomic_block:
        raise TransactionManagementError("Slack is never called inside a transaction: it would hold its locks.")
    if trouble():
        return 0
    began, made, lane, team = time.monotonic(), 0, None, team_id()
    while made < most and (until is None or time.monotonic() < until):
        moment = now + timedelta(seconds=time.monotonic() - began)
        row = _claim(ids=None if lane else ids, lane=lane, team=team, patience_s=0 if lane else patience_s, now=moment)
        if row is None:
            if lane is None:
                break
            lane = None  # the lane is empty; go on with what else there is
            continue
        _send(row, team=team, now=moment)
        made += 1
        lane = row.lane or None
    return made


def _claim(
    *, ids: Sequence[int] | None, lane: str | None, team: str, patience_s: float, now: datetime
) -> SlackOutgoing | None:
    values = {
        "now": now,
        "before": now - timedelta(seconds=patience_s),
        "lease": now + LEASE,
        "ids": None if ids is None else list(ids),
        "lane": lane,
        "team": team,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        found = cursor.fetchone()
    return SlackOutgoing.objects.get(pk=found[0]) if found else None


def _send(row: SlackOutgoing, *, team: str, now: datetime) -> None:
    if row.expires_at <= now:
        _record_end(row, answer=None, code="expired", reason="It waited too long to be of use.", now=now)
        return
    try:
        answer = _exchange(row)
    except TemporaryFailure as failure:
        _postpone(row, failure, team=team, uncertain=row.uncertain)
        return
    except OutcomeUnknown as failure:
        _postpone(row, failure, team=team, uncertain=True)
        return
    except PermanentFailure as failure:
        if failure.code in UNUSABLE:
            # No fault of this call: it waits, and the settings screen says for what (`workspace.check` lets it go).
            note_trouble(failure, now=now)
            _postpone(row, failure, team=team, uncertain=row.uncertain)
            return
        log.warning("slack_call_refused", method=row.method, code=failure.code, row=row.pk)
        _record_end(row, answer=None, code=failure.code, reason=failure.detail, now=clock.now())
        return
    _record_end(row, answer=answer, code=str(answer.get("already", "")), reason="", now=clock.now())


def _exchange(row: SlackOutgoing) -> dict[str, Any]:
    arguments = dict(row.arguments)
    if row.method == "response_url":
        return answer_by(str(arguments.pop("url")), arguments)
    if row.method == "conversations.create" and row.uncertain:
        made = channel_made(name=str(arguments["name"]))
        if made is not None:
            return made
    if row.method != "chat.postMessage":
        return call(row.method, arguments)
    key = f"outgoing-{row.pk}"
    if row.uncertain:
        found = posted(channel=str(arguments["channel"]), key=key, since=row.created_at - CLOCKS_APART)
        if found is not None:
            return found
    return call(row.method, stamped(arguments, key=key))


def _postpone(row: SlackOutgoing, failure: ChannelFailure, *, team: str, uncertain: bool) -> None:
    """Put a call back, for when Slack will have it again; nobody sleeps meanwhile."""
    now = clock.now()
    wait_s = min(2.0 ** min(row.tries, 10), LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
    retry_after_s = failure.retry_after_s if isinstance(failure, TemporaryFailure) else None
    if retry_after_s is not None:
        wait_s = retry_after_s
        SlackPause.objects.update_or_create(
            team_id=team, method=row.method, defaults={"until": now + timedelta(seconds=retry_after_s)}
        )
    try:
        with transaction.atomic():
            SlackOutgoing.objects.filter(pk=row.pk, state="sending").update(
                state="pending",
                lease_until=None,
                uncertain=uncertain,
                code=failure.code[:40],
                reason=failure.detail[:300],
                not_before=now + timedelta(seconds=wait_s),
            )
    except IntegrityError:
        # A newer one waits under the same `latest`: this one's words are old.
        _end(row, state="done", answer=None, code="superseded", reason="", now=now)


def _record_end(row: SlackOutgoing, *, answer: dict[str, Any] | None, code: str, reason: str, now: datetime) -> None:
    with transaction.atomic():
        _end(row, state="failed" if answer is None else "done", answer=answer, code=code, reason=reason, now=now)
        if answer is None:
            live.changed("settings")
        outcomes.tell(row, answer)


def _end(
    row: SlackOutgoing, *, state: str, answer: dict[str, Any] | None, code: str, reason: str, now: datetime
) -> None:
    row.state, row.code, row.reason, row.ended_at, row.lease_until = state, code[:40], reason[:300], now, None
    row.response = {name: value for name, value in (answer or {}).items() if name in KEPT and name != "view"}
    row.save(update_fields=["state", "code", "reason", "ended_at", "lease_until", "response"])
