"""Take events in: one short statement each for triggers, acknowledgements and resolutions."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from engine import wake
from intake.rules.parsed import ParsedEvent
from intake.rules.text import storable

ROUTING: Final = "routing"
SETTLING: Final = "settling"

# Whose events these are: known already, or found by the key's digest in the same round trip.
_KNOWN: Final = "SELECT %(integration)s::bigint AS id, %(service)s::bigint AS service_id"
_BY_DIGEST: Final = """SELECT id, service_id FROM intake_integrationkey
    WHERE digest = %(digest)s AND kind = %(kind)s AND revoked_at IS NULL"""

# One round trip a batch: event and alert in one statement, so neither can exist without the other. A trigger on an
# open alert counts it up and refreshes what it says; one that became worse, or whose incident or page has ended while
# its tool never said that it is over, is routed anew: a counter that goes up wakes nobody. The partial unique index is
# the arbiter between processes.
_TRIGGER: Final = """
WITH key AS ({key}), given AS (
    SELECT key.id AS integration, key.service_id AS service, r.*
    FROM key CROSS JOIN jsonb_to_recordset(%(rows)s::jsonb) AS r(
        dedup_key text, group_key text, summary text, source text, severity text,
        fields jsonb, links jsonb, started_at timestamptz, raw jsonb)
), alerted AS (
    INSERT INTO intake_alert AS a (
        integration_id, service_id, dedup_key, group_key, summary, source, severity, fields, links, state, count,
        first_seen, last_seen, started_at, trouble)
    SELECT g.integration, g.service, g.dedup_key, g.group_key, g.summary, g.source, g.severity, g.fields, g.links,
        'open', 1, {now}, {now}, g.started_at, ''
    FROM given g
    ON CONFLICT (integration_id, dedup_key) WHERE state IN ('open', 'acknowledged')
    DO UPDATE SET count = a.count + 1, last_seen = EXCLUDED.last_seen, summary = EXCLUDED.summary,
        severity = EXCLUDED.severity, fields = EXCLUDED.fields, links = EXCLUDED.links,
        started_at = EXCLUDED.started_at, state = CASE WHEN {ended} THEN 'open' ELSE a.state END,
        routed_at = CASE WHEN array_position({weights}, EXCLUDED.severity::text)
            > array_position({weights}, a.severity::text) OR {ended} THEN NULL ELSE a.routed_at END
    RETURNING a.id, a.dedup_key
), kept AS (
    INSERT INTO intake_event (integration_id, alert_id, action, dedup_key, raw, received_at)
    SELECT g.integration, alerted.id, 'trigger', g.dedup_key, g.raw, {now}
    FROM given g JOIN alerted USING (dedup_key)
)
SELECT id FROM key
"""

# A resolution of an earlier occurrence that arrives late must not close the present one.
_RESOLVE: Final = """
WITH key AS ({key}), given AS (
    SELECT key.id AS integration, r.*
    FROM key CROSS JOIN jsonb_to_recordset(%(rows)s::jsonb) AS r(dedup_key text, started_at timestamptz, raw jsonb)
), alerted AS (
    UPDATE intake_alert a SET state = 'resolved', resolved_at = {now}, last_seen = {now}
    FROM given g
    WHERE a.integration_id = g.integration AND a.dedup_key = g.dedup_key AND a.state IN ('open', 'acknowledged')
        AND (g.started_at IS NULL OR a.started_at IS NULL OR g.started_at >= a.started_at)
    RETURNING a.id, a.dedup_key
), kept AS (
    INSERT INTO intake_event (integration_id, alert_id, action, dedup_key, raw, received_at)
    SELECT g.integration, alerted.id, 'resolve', g.dedup_key, g.raw, {now}
    FROM given g LEFT JOIN alerted USING (dedup_key)
)
SELECT id FROM key
"""

_ACKNOWLEDGE: Final = """
WITH key AS ({key}), given AS (
    SELECT key.id AS integration, r.*
    FROM key CROSS JOIN jsonb_to_recordset(%(rows)s::jsonb) AS r(dedup_key text, raw jsonb)
), alerted AS (
    UPDATE intake_alert a SET state = 'acknowledged', last_seen = {now}
    FROM given g
    WHERE a.integration_id = g.integration AND a.dedup_key = g.dedup_key AND a.state IN ('open', 'acknowledged')
    RETURNING a.id, a.dedup_key
), kept AS (
    INSERT INTO intake_event (integration_id, alert_id, action, dedup_key, raw, received_at)
    SELECT g.integration, alerted.id, 'acknowledge', g.dedup_key, g.raw, {now}
    FROM given g LEFT JOIN alerted USING (dedup_key)
)
SELECT id FROM key
"""

_CHANGE: Final = """
WITH key AS ({key}), kept AS (
    INSERT INTO intake_event (integration_id, alert_id, action, dedup_key, raw, received_at)
    SELECT key.id, NULL, 'change', '', r.raw, {now}
    FROM key CROSS JOIN jsonb_to_recordset(%(rows)s::jsonb) AS r(raw jsonb)
)
SELECT id FROM key
"""

_RESOLVE_GROUP: Final = """
UPDATE intake_alert SET state = 'resolved', resolved_at = %s, last_seen = %s
WHERE integration_id = %s AND group_key = %s AND group_key <> '' AND state IN ('open', 'acknowledged')
"""

# A false alarm that its tool repeats stays one; after an hour of silence it is a new one.
_ENDED: Final = """(
    EXISTS (SELECT FROM incidents_incident i WHERE i.id = a.incident_id AND (i.status IN ('resolved', 'closed')
        OR i.status = 'declined' AND a.last_seen < {now} - interval '1 hour'))
    OR a.incident_id IS NULL AND EXISTS (SELECT FROM notifications_page p WHERE p.id = a.page_id
        AND p.state NOT IN ('paging', 'acknowledged'))
)"""
_WEIGHTS: Final = "ARRAY['info', 'warning', 'error', 'critical']"
_STATEMENTS: Final = {"trigger": _TRIGGER, "resolve": _RESOLVE, "acknowledge": _ACKNOWLEDGE, "change": _CHANGE}


def _for(*, key: str, now: str) -> dict[str, str]:
    words = {"key": key, "now": now, "weights": _WEIGHTS, "ended": _ENDED.format(now=now)}
    return {action: statement.format(**words) for action, statement in _STATEMENTS.items()}


_OF_KNOWN: Final = _for(key=_KNOWN, now="%(now)s")
_OF_DIGEST: Final = _for(key=_BY_DIGEST, now="statement_timestamp()")


@dataclass(frozen=True, slots=True)
class Source:
    """The integration key that events came by: ids of the key and of its default service."""

    integration_id: int
    service_id: int | None


def store_events(
    *, source: Source, events: Sequence[ParsedEvent], now: datetime, resolved_group: str | None = None
) -> None:
    """Keep the events and open, update, acknowledge or resolve their alerts, all in one commit, in given order.

    `resolved_group` ends every open alert of that group. Wakes the engine after the commit. A single event is one
    statement without an explicit transaction: one round trip. Raises `django.db.OperationalError` when the database
    can't take it; nothing is stored then.
    """
    batches = _batches(events)
    statements = len(batches) + (resolved_group is not None)
    if statements == 1 and batches:
        _store(source, batches[0], now)
    elif statements:
        with transaction.atomic():
            for batch in batches:
                _store(source, batch, now)
            if resolved_group is not None:
                _resolve_group(source, resolved_group, now)
    actions = {event.action for event in events}
    _wake(actions | {"resolve"} if resolved_group is not None else actions)


def store_event_by_key(*, digest: str, kind: str, event: ParsedEvent) -> bool:
    """Keep one event of the integration whose key has this SHA-256, at the database's time, in one round trip.

    Returns False, with nothing stored, when there is no such key or it was revoked. Otherwise as `store_events`.
    """
    values = {"digest": digest, "kind": kind, "rows": json.dumps([_row(event)])}
    with connection.cursor() as cursor:
        cursor.execute(_OF_DIGEST[event.action], values)
        known = cursor.fetchone() is not None
    if known:
        _wake({event.action})
    return known


def _wake(actions: Set[str]) -> None:
    if "trigger" in actions:
        wake.after_commit(ROUTING)
    if "resolve" in actions:
        wake.after_commit(SETTLING)


def _batches(events: Sequence[ParsedEvent]) -> list[list[ParsedEvent]]:
    """Split into runs of one action in which no dedup key stands twice (one statement can't touch a row twice)."""
    batches: list[list[ParsedEvent]] = []
    seen: set[str] = set()
    for event in events:
        fits = batches and batches[-1][0].action == event.action
        if not fits or (event.dedup_key in seen and event.action != "change"):
            batches.append([])
            seen = set()
        batches[-1].append(event)
        seen.add(event.dedup_key)
    return batches


def _store(source: Source, batch: Sequence[ParsedEvent], now: datetime) -> None:
    values = {
        "integration": source.integration_id,
        "service": source.service_id,
        "now": now,
        "rows": json.dumps([_row(event) for event in batch]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OF_KNOWN[batch[0].action], values)


def _resolve_group(source: Source, group_key: str, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVE_GROUP, [now, now, source.integration_id, group_key])


def _row(event: ParsedEvent) -> dict[str, Any]:
    row: dict[str, Any] = {
        "dedup_key": storable(event.dedup_key),
        "group_key": event.group_key,
        "summary": event.summary,
        "source": event.source,
        "severity": event.severity,
        "fields": storable(event.fields),
        "links": storable(event.links),
        "started_at": event.started_at.isoformat() if event.started_at else None,
        "raw": storable(event.raw),
    }
    return row
