"""A call comes in on a line; its caller chooses what it is about."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from incidents.models import Service
from notifications.queries import freeze
from rooms.calls.recording import record
from rooms.models import CallLine, LiveCall

State = LiveCall.State


def receive(*, line: CallLine, call: str, caller: str, now: datetime) -> LiveCall:
    """Return the call of this id on a line; a repeated request gets the same one. Locks the ledger's head."""
    with transaction.atomic():
        found, made = LiveCall.objects.get_or_create(
            call=call, defaults={"line": line, "line_name": line.name, "caller": caller[:20], "began_at": now}
        )
        if made:
            record(found, "call.received", now=now)
    return found


def choose(*, call: LiveCall, service: Service, now: datetime) -> LiveCall:
    """Let the call ring down the service's policy as it is now; choosing again changes nothing. Locks the call."""
    with transaction.atomic():
        locked = LiveCall.objects.select_for_update(no_key=True, of=("self",)).get(pk=call.pk)
        if locked.service_id is None:
            locked.service = service
            locked.policy = freeze(service.policy).to_json() if service.policy is not None else None
            locked.state = State.RINGING
            locked.save(update_fields=["service", "policy", "state"])
            record(locked, "call.chosen", now=now, payload={"service": service.name})
    return locked
