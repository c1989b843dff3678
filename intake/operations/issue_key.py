"""Give a monitoring tool its key, and take it away."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from incidents.models import Service
from intake.models import Heartbeat, IntegrationKey
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from web import live
from web.errors import IllegalMove, NotFound

SUBJECT = "settings:keys"


def issue_key(
    *, name: str, kind: str, service: Service | None, by: Actor, now: datetime, key: str | None = None
) -> tuple[IntegrationKey, str]:
    """Create an integration key and return it with the key itself: 128 random bits as 32 hex characters.

    That is the length of a PagerDuty routing key. The ledger names the integration, never the key.
    """
    secret = key or secrets.token_hex(16)
    integration = IntegrationKey.objects.create(
        name=name, kind=kind, service=service, key=secret, digest=hashlib.sha256(secret.encode()).hexdigest()
    )
    payload: dict[str, JSON] = {
        "id": integration.pk,
        "name": name,
        "kind": kind,
        "service": service.name if service else "",
    }
    append(subject=SUBJECT, verb="key.issued", by=by, now=now, payload=payload)
    live.changed("settings")
    return integration, secret


def revoke_key(*, key_id: int, by: Actor, now: datetime) -> IntegrationKey:
    """Revoke a key: what comes by it is refused from now on. Locks the key's row; repeating changes nothing.

    Raises `IllegalMove` for the key of a heartbeat, which would be waited for in vain.
    """
    integration = IntegrationKey.objects.select_for_update(no_key=True, of=("self",)).filter(pk=key_id).first()
    if integration is None:
        raise NotFound("There is no such integration key.")
    if Heartbeat.objects.filter(integration=integration).exists():
        raise IllegalMove("This is the key of a heartbeat. Delete the heartbeat, or give it a new address.")
    if integration.revoked_at is None:
        integration.revoked_at = now
        integration.save(update_fields=["revoked_at"])
        append(
            subject=SUBJECT,
            verb="key.revoked",
            by=by,
            now=now,
            payload={"id": integration.pk, "name": integration.name},
        )
        live.changed("settings")
    return integration
