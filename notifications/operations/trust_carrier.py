"""What an administrator says about a provider that is passed over: try it with the next message, or use it again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.operations.append import append
from notifications.models import Carrier
from notifications.operations.carrier_health import SUBJECT
from web import live
from web.errors import IllegalMove


def probe_carrier(*, kind: str, provider: str, by: Actor, now: datetime) -> None:
    """Let the next message of this kind try the provider at once; nothing is sent only to find out.

    Raises `IllegalMove` where its breaker is closed. Locks the provider's row, then the ledger's head.
    """
    row = _lock(kind, provider)
    row.probe_at = now
    row.save(update_fields=["probe_at"])
    _record("carrier.probe_asked", row, by=by, now=now)


def close_breaker(*, kind: str, provider: str, by: Actor, now: datetime) -> None:
    """Use the provider again for every message, whatever it did before; it opens anew if it still fails.

    Raises `IllegalMove` where its breaker is closed. Locks the provider's row, then the ledger's head.
    """
    row = _lock(kind, provider)
    reason = row.reason
    row.state, row.reason, row.changed_at, row.probe_at = Carrier.State.CLOSED, "", now, None
    row.save(update_fields=["state", "reason", "changed_at", "probe_at"])
    _record("carrier.closed", row, by=by, now=now, reason=reason)


def _lock(kind: str, provider: str) -> Carrier:
    found = Carrier.objects.select_for_update(no_key=True).filter(kind=kind, provider=provider, state="open").first()
    if found is None:
        raise IllegalMove(_("It is not passed over (any more): messages go by it as usual."))
    return found


def _record(verb: str, row: Carrier, *, by: Actor, now: datetime, reason: str = "") -> None:
    payload = {"channel": row.kind, "provider": row.provider}
    append(subject=SUBJECT, verb=verb, by=by, now=now, payload=payload, personal=reason)
    live.changed("settings")
