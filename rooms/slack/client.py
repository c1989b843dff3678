"""Calling Slack: now, where somebody waits for it, or later, through the outbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from engine import broker
from notifications.channels.base import ChannelFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.slack.client import call

__all__ = [
    "ChannelFailure",
    "OutcomeUnknown",
    "PermanentFailure",
    "TemporaryFailure",
    "call_now",
    "post_later",
]

TASK: Final = "rooms.slack.outgoing"
GOOD_FOR: Final = timedelta(hours=24)
"""After that, what could not be told is old news."""
IN_REQUEST_S: Final = 1.5
"""Half of the 3 s that Slack waits for an answer and keeps a trigger_id; the other half is for a busy machine."""


def call_now(method: str, arguments: Mapping[str, Any], *, timeout_s: float = IN_REQUEST_S) -> dict[str, Any]:
    """Call Slack inside a request (`views.open`); outside any transaction. Raises a `ChannelFailure`: `error.code` is
    Slack's word, `error.detail` a sentence."""
    return call(method, arguments, timeout_s=timeout_s)


def post_later(
    method: str,
    arguments: Mapping[str, Any],
    *,
    now: datetime,
    dedup: str = "",
    latest: str = "",
    lane: str | None = None,
    purpose: str = "",
    subject: str = "",
    not_before: datetime | None = None,
    good_for: timedelta = GOOD_FOR,
) -> int | None:
    """Write a call into the outbox in the caller's transaction; return its row's id, None for a double.

    `dedup`: a second one with the same key is dropped for ever. `latest`: one that still waits under the same key is
    replaced, and keeps its time (a summary is rewritten once for many changes). `lane` orders calls, by default those
    to one channel (argument `channel` or `channel_id`). `purpose`, `subject`: see `rooms.slack.outcomes`.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("What goes to Slack is written in the transaction of the move that causes it.")
    where = arguments.get("channel") or arguments.get("channel_id") or ""
    due = not_before or now
    values: dict[str, str | datetime] = {
        "method": method,
        "arguments": json.dumps(dict(arguments)),
        "lane": (str(where) if lane is None else lane)[:80],
        "dedup": dedup[:120],
        "latest": latest[:120],
        "purpose": purpose[:40],
        "subject": subject[:80],
        "not_before": due,
        "expires_at": now + good_for,
        "created_at": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(conflict=_LATEST if latest and not dedup else _DOUBLE), values)
        row = cursor.fetchone()
    if row is None:
        return None
    if due <= now:
        transaction.on_commit(lambda: broker.hand_over(TASK, [str(row[0])], "chat"))
    return int(row[0])


_INSERT: Final = """
INSERT INTO rooms_slackoutgoing (
    method, arguments, response, lane, dedup, latest, purpose, subject, state, tries, uncertain, code, reason,
    not_before, expires_at, created_at
) VALUES (
    %(method)s, %(arguments)s::jsonb, '{{}}'::jsonb, %(lane)s, %(dedup)s, %(latest)s, %(purpose)s, %(subject)s,
    'pending', 0, false, '', '', %(not_before)s, %(expires_at)s, %(created_at)s
) {conflict} RETURNING id
"""
_DOUBLE: Final = "ON CONFLICT DO NOTHING"
_LATEST: Final = """ON CONFLICT (latest) WHERE state = 'pending' AND NOT (latest = '') DO UPDATE SET
    method = EXCLUDED.method, arguments = EXCLUDED.arguments, lane = EXCLUDED.lane, purpose = EXCLUDED.purpose,
    subject = EXCLUDED.subject, expires_at = EXCLUDED.expires_at"""
