"""Open and close the breakers of providers, by what becomes of real messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.operations.append import append
from notifications.channels.base import ChannelFailure, NotFound, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.registry import UnknownChannel, carrier
from notifications.operations.alarm_administrators import alarm_administrators
from notifications.operations.carrier_standings import Standings
from notifications.operations.claimed import Claimed
from notifications.rules import breaker
from web import live

ENGINE: Final = Actor.system(via="provider")
SUBJECT: Final = "settings:delivery"
OURS: Final = frozenset({"database", "not_set"})
"""Codes of failures that say nothing about the provider: nothing was asked of it."""

_RECENT: Final = """
SELECT a.result FROM notifications_attempt a JOIN notifications_delivery d ON d.id = a.delivery_id
WHERE a.at > %(since)s AND a.provider = %(provider)s AND d.channel = %(kind)s
    AND a.result = ANY(%(answers)s) AND a.code <> ALL(%(ours)s)
    AND (a.latency_ms IS NOT NULL OR a.result = 'no_receipt')
ORDER BY a.at DESC, a.id DESC LIMIT %(limit)s
"""
_OPEN: Final = """
INSERT INTO notifications_carrier (kind, provider, state, reason, changed_at, probe_at)
VALUES (%(kind)s, %(provider)s, 'open', %(reason)s, %(now)s, %(probe_at)s)
ON CONFLICT (kind, provider) DO UPDATE SET
    state = 'open', reason = excluded.reason, changed_at = excluded.changed_at, probe_at = excluded.probe_at
WHERE notifications_carrier.state <> 'open' RETURNING 1
"""
_CLOSE: Final = """
UPDATE notifications_carrier SET state = 'closed', reason = '', changed_at = %(now)s, probe_at = NULL
WHERE kind = %(kind)s AND provider = %(provider)s AND state = 'open'
"""


def note_failure(claimed: Claimed, outcome: ChannelFailure, *, now: datetime) -> None:
    """Open the provider's breaker if this failure, already kept as an attempt, was one too many.

    Administrators are alarmed once, and the ledger has it. Transactions of its own: alarm, then breaker and ledger.
    """
    configuration = isinstance(outcome, PermanentFailure) and outcome.scope == "configuration"
    speaks = configuration or isinstance(outcome, TemporaryFailure | OutcomeUnknown | NotFound)
    if speaks and outcome.code not in OURS:
        _weigh(claimed.channel, claimed.provider, detail=outcome.detail, configuration=configuration, now=now)


def note_no_receipt(*, kind: str, provider: str, now: datetime) -> None:
    """Open the provider's breaker if too many of the messages that it took were never heard of again."""
    _weigh(kind, provider, detail=_("it takes messages, but they do not leave"), configuration=False, now=now)


def note_success(claimed: Claimed, *, now: datetime) -> None:
    """Close the breaker: a message was taken while it was open. A transaction of its own."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, {"kind": claimed.channel, "provider": claimed.provider, "now": now})
            closed = bool(cursor.rowcount)
        if closed:
            _record("carrier.closed", claimed.channel, claimed.provider, now=now)


def _weigh(kind: str, provider: str, *, detail: str, configuration: bool, now: datetime) -> None:
    try:
        way = carrier(kind, provider)
    except UnknownChannel:
        return
    if not way.is_one_service or not breaker.opens(_recent(kind, provider, now=now), configuration=configuration):
        return
    values: dict[str, Any] = {"kind": kind, "provider": provider, "reason": detail[:300], "now": now}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_OPEN, {**values, "probe_at": now + breaker.PROBE_AFTER})
            opened = cursor.fetchone() is not None
        if opened:
            _record("carrier.opened", kind, provider, now=now, detail=detail)
    if opened and not configuration:  # a wrong configuration is alarmed about by itself, with what to set
        _alarm(kind, provider, label=str(way.label), detail=detail, now=now)


def _recent(kind: str, provider: str, *, now: datetime) -> list[str]:
    values: dict[str, Any] = {
        "kind": kind,
        "provider": provider,
        "since": now - breaker.WINDOW,
        "answers": sorted(breaker.ANSWERS),
        "ours": sorted(OURS),
        "limit": breaker.LOOKED_AT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, values)
        return [result for (result,) in cursor.fetchall()]


def _record(verb: str, kind: str, provider: str, *, now: datetime, detail: str = "") -> None:
    payload = {"channel": kind, "provider": provider}
    append(subject=SUBJECT, verb=verb, by=ENGINE, now=now, payload=payload, personal=detail[:300])
    live.changed("settings")


def _alarm(kind: str, provider: str, *, label: str, detail: str, now: datetime) -> None:
    others = [each for each in Standings.read().usable(kind) if each != provider]
    if others:
        words = _("%(label)s: %(provider)s keeps failing (%(detail)s). Messages go by %(other)s meanwhile.")
    else:
        words = _("%(label)s: %(provider)s keeps failing (%(detail)s), and there is no other provider.")
    sentence = words % {"label": label, "provider": provider, "detail": detail, "other": ", ".join(others)}
    alarm_administrators(cause=f"carrier:{kind}:{provider}", sentence=sentence, now=now)
