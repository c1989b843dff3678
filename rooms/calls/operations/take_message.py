"""Nobody took the call: a message is left, and opens an incident."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from incidents.models import Incident
from incidents.operations.declare import declare
from incidents.rules.numbers import in_words
from ledger.actor import Actor
from rooms.calls.recording import record, tell_incident
from rooms.models import LiveCall

State = LiveCall.State


def offer_voicemail(*, call: LiveCall, now: datetime) -> None:
    """Note that the caller is asked for a message; once. Locks the call, then the ledger's head."""
    with transaction.atomic():
        locked = LiveCall.objects.select_for_update(no_key=True, of=("self",)).get(pk=call.pk)
        if locked.state in (State.GREETING, State.RINGING):
            locked.state = State.VOICEMAIL
            locked.save(update_fields=["state"])
            record(locked, "call.voicemail", now=now)


def take_message(*, call: LiveCall, recording: str, seconds: int, now: datetime) -> Incident:
    """Open an incident of the line's severity about the chosen service, with the recording's address; the same
    recording told again opens nothing more. Locks the call; then as `declare`.

    The caller's number and the address stand in the summary, which can be erased; the ledger keeps neither.
    """
    with transaction.atomic():
        locked = LiveCall.objects.select_for_update(no_key=True, of=("self",)).get(pk=call.pk)
        if locked.incident is not None:
            return locked.incident
        about = locked.service.name if locked.service is not None else locked.line_name
        who = locked.caller or "a hidden number"
        incident = declare(
            title=f"Voicemail about {about}"[:200],
            severity=locked.line.severity if locked.line is not None else 2,
            summary=(
                f"{who} called {locked.line_name} and left a message of {in_words(seconds)}.\n"
                f"Listen to it: {settings.PUBLIC_URL}{reverse('live_call', args=[locked.pk])}\n"
                f"At the telephone provider, with its credentials: {recording}"
            ),
            service=locked.service,
            by=Actor.system(name=locked.line_name, via="voice"),
            now=now,
        )
        locked.state, locked.ended_at = State.RECORDED, locked.ended_at or now
        locked.recording, locked.recording_s = recording[:300], seconds
        locked.save(update_fields=["state", "ended_at", "recording", "recording_s"])
        record(locked, "call.recorded", now=now, payload={"seconds": seconds})
        tell_incident(locked, incident)
        locked.incident = incident
        locked.save(update_fields=["incident"])
    return incident
