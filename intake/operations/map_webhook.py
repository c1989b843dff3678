"""Say what of a tool's JSON is what."""

from __future__ import annotations

from datetime import datetime

from intake.models import IntegrationKey
from intake.operations.issue_key import SUBJECT
from intake.rules.mapping import WebhookMapping, faults_of_mapping
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from web import live
from web.errors import BadInput, IllegalMove, NotFound


def map_webhook(*, key_id: int, mapping: WebhookMapping, by: Actor, now: datetime) -> IntegrationKey:
    """Read what comes by a key so from the next body on. Locks the key's row; changing nothing records nothing.

    Raises `BadInput` with a sentence for each part that can't be followed, `IllegalMove` for a key of another kind or a
    revoked one, `NotFound`.
    """
    key = IntegrationKey.objects.select_for_update(no_key=True, of=("self",)).filter(pk=key_id).first()
    if key is None:
        raise NotFound("There is no such integration key.")
    if key.kind != IntegrationKey.Kind.WEBHOOK:
        raise IllegalMove("Only what comes to a key for any JSON is read by a mapping.")
    if key.revoked_at is not None:
        raise IllegalMove("This key is revoked; nothing comes by it any more.")
    errors = faults_of_mapping(mapping)
    if errors:
        raise BadInput("The mapping was not saved. " + " ".join(errors.values()), errors=errors)
    stored = mapping.as_stored()
    if key.mapping != stored:
        payload: dict[str, JSON] = {"id": key.pk, "name": key.name, "mapping": stored, "from": {"mapping": key.mapping}}
        key.mapping = stored
        key.save(update_fields=["mapping"])
        append(subject=SUBJECT, verb="key.mapped", by=by, now=now, payload=payload)
        live.changed("settings")
    return key
