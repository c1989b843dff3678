"""Try a rejected event again: after its key was known, or with the integration it should have come by."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from intake.models import IntegrationKey, Quarantined
from intake.operations.quarantine import KEPT_BYTES
from intake.operations.store_events import Source, store_events
from intake.operations.thought_over import store_or_begin_anew
from intake.rules.alertmanager import parse_webhook
from intake.rules.body import read_json
from intake.rules.events_v2 import parse_change, parse_event
from intake.rules.mapping import WebhookMapping
from intake.rules.parsed import NotUnderstood, ParsedEvent
from intake.rules.webhook import Reading, read_webhook
from intake.rules.webhook_body import read_webhook_body
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from web.errors import BadInput, IllegalMove, NotFound

SUBJECT: Final = "settings:quarantine"
_ANY_JSON: Final = "integrations/webhook/"


def replay(*, quarantined_id: int, by: Actor, now: datetime, integration_id: int | None = None) -> Quarantined:
    """Read a rejected event again and take it in as if it came now; its body stays as it is.

    `integration_id` names the integration it counts for; without it the one it came by, or the one whose routing key
    it carries. Locks the row. Raises `BadInput` with why it still can't be understood, `IllegalMove` when it was
    replayed before, `NotFound`.
    """
    row = Quarantined.objects.select_for_update(no_key=True, of=("self",)).filter(pk=quarantined_id).first()
    if row is None:
        raise NotFound("There is no such rejected event.")
    if row.replayed_at is not None:
        raise IllegalMove("This event was replayed before.")
    if row.path.startswith(_ANY_JSON):
        source = _source(row, integration_id, "")
        reading = _read_webhook(row, source)
        events = reading.events
        store_or_begin_anew(source=source, events=events, unkeyed=reading.unkeyed, now=now)
    else:
        events, resolved_group, key = _read(row)
        source = _source(row, integration_id, key)
        store_events(source=source, events=events, now=now, resolved_group=resolved_group)
    row.replayed_at = now
    row.save(update_fields=["replayed_at"])
    payload: dict[str, JSON] = {"id": row.pk, "integration": source.integration_id, "events": len(events)}
    append(subject=SUBJECT, verb="quarantine.replayed", by=by, now=now, payload=payload)
    return row


def _read(row: Quarantined) -> tuple[list[ParsedEvent], str | None, str]:
    """Return the events, the group that is over, and the routing key that the body names ("" where none can)."""
    if row.path.startswith("ping/"):
        raise BadInput("This is what a job said to an address that is none. Let the job report again.")
    body = _json(row, read_json)
    try:
        if row.path.startswith("v2/change"):
            key, event = parse_change(body)
            return [event], None, key
        if row.path.startswith("v2/"):
            key, event = parse_event(body, new_key=lambda: secrets.token_hex(16))
            return [event], None, key
        events, group = parse_webhook(body)
    except NotUnderstood as error:
        raise _still(error) from None
    return events, group, ""


def _read_webhook(row: Quarantined, source: Source) -> Reading:
    """Return the events of any JSON, by the mapping that its key has now; all of them, or none is taken."""
    body = _json(row, read_webhook_body)
    stored = IntegrationKey.objects.values_list("mapping", flat=True).get(pk=source.integration_id)
    try:
        reading = read_webhook(body, WebhookMapping.of_stored(stored))
    except NotUnderstood as error:
        raise _still(error) from None
    if reading.errors:
        raise _still(NotUnderstood("", list(reading.errors)))
    return reading


def _json(row: Quarantined, read: Callable[[bytes], Any]) -> Any:
    raw = bytes(row.body)
    if not raw:
        raise BadInput("Nothing of this request was kept: it was too large, or its address was not known.")
    try:
        return read(raw)
    except ValueError:
        cut = " Only its beginning was kept." if len(raw) >= KEPT_BYTES else ""
        raise BadInput(f"The body is no JSON.{cut} Let the tool send it again.") from None


def _still(error: NotUnderstood) -> BadInput:
    return BadInput("It still can't be understood: " + "; ".join(error.errors))


def _source(row: Quarantined, integration_id: int | None, key: str) -> Source:
    live = IntegrationKey.objects.filter(revoked_at=None)
    if integration_id is not None:
        found = live.filter(pk=integration_id).first()
    elif row.integration_id is not None:
        found = live.filter(pk=row.integration_id).first()
    else:
        found = live.filter(digest=_digest(key)).first() if key else None
    if found is None:
        raise BadInput(
            "No integration is known for it. Choose the one it should have come by.",
            errors={"integration": "Choose the integration it should have come by."},
        )
    return Source(found.pk, found.service_id)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
