"""Make a heartbeat, change it, pause and resume it, give it another address, take it away."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incidents.models import Service
from intake.models import Alert, Heartbeat, IntegrationKey
from intake.operations.tell_of_heartbeat import tell_well
from intake.operations.watch_heartbeat import wait_for_next
from intake.rules.heartbeats import state_anew
from intake.rules.heartbeats_given import faults
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from web import live
from web.errors import BadInput, NotFound

SUBJECT: Final = "settings:heartbeats"
WATCH: Final = ("state", "expected_from", "started_at", "run_id", "expected_at", "next_look_at", "waits_for_end")


@dataclass(frozen=True, kw_only=True)
class HeartbeatDraft:
    """What a heartbeat is to be: `period_s` seconds or `cron` in `time_zone`; `grace_s` and `max_run_s` in seconds."""

    name: str
    service: Service | None = None
    severity: str = Alert.Severity.ERROR
    period_s: int | None = None
    cron: str = ""
    time_zone: str = "UTC"
    grace_s: int = 0
    max_run_s: int | None = None


def add_heartbeat(*, draft: HeartbeatDraft, by: Actor, now: datetime, key: str | None = None) -> tuple[Heartbeat, str]:
    """Create a heartbeat, waiting from now on, and return it with its key: 128 random bits as 32 hex characters.

    Raises `BadInput`. The ledger names the heartbeat, never the key.
    """
    _check(draft, heartbeat_id=None)
    secret = key or secrets.token_hex(16)
    integration = IntegrationKey.objects.create(
        name=draft.name.strip(),
        kind=IntegrationKey.Kind.HEARTBEAT,
        service=draft.service,
        key=secret,
        digest=_digest(secret),
    )
    heartbeat = Heartbeat(integration=integration, expected_from=now, created_at=now)
    _set(heartbeat, draft)
    wait_for_next(heartbeat)
    heartbeat.save()
    _record(heartbeat, "heartbeat.added", by=by, now=now)
    return heartbeat, secret


def change_heartbeat(*, heartbeat_id: int, draft: HeartbeatDraft, by: Actor, now: datetime) -> Heartbeat:
    """Set what a heartbeat is. Locks it; changing nothing records nothing. Raises `BadInput` or `NotFound`.

    Another schedule counts from now on: what was late by the old one is no longer, and its alert is resolved. So it is
    with a longer grace that is not over yet.
    """
    heartbeat = _lock(heartbeat_id)
    _check(draft, heartbeat_id=heartbeat.pk)
    before, schedule = _payload(heartbeat), heartbeat.schedule
    integration = heartbeat.integration
    integration.name, integration.service = draft.name.strip(), draft.service
    integration.save(update_fields=["name", "service"])
    _set(heartbeat, draft)
    after = _payload(heartbeat)
    was: dict[str, JSON] = {name: value for name, value in before.items() if after[name] != value}
    if not was:
        return heartbeat
    if heartbeat.schedule != schedule:
        heartbeat.expected_from = now
    _wait_anew(heartbeat, now)
    heartbeat.save()
    _record(heartbeat, "heartbeat.changed", by=by, now=now, was=was)
    return heartbeat


def pause_heartbeat(*, heartbeat_id: int, by: Actor, now: datetime) -> Heartbeat:
    """Wait for nothing until it is resumed; its alert is resolved. Locks it; repeating changes nothing."""
    heartbeat = _lock(heartbeat_id)
    if heartbeat.state != Heartbeat.State.PAUSED:
        heartbeat.state = Heartbeat.State.PAUSED
        heartbeat.expected_at = heartbeat.next_look_at = heartbeat.started_at = None
        heartbeat.run_id, heartbeat.waits_for_end = "", False
        heartbeat.save(update_fields=WATCH)
        tell_well(heartbeat=heartbeat, why=f"It was paused by {by.name}.", now=now)
        _record(heartbeat, "heartbeat.paused", by=by, now=now)
    return heartbeat


def resume_heartbeat(*, heartbeat_id: int, by: Actor, now: datetime) -> Heartbeat:
    """Wait for its reports again; its schedule counts from now on. Locks it; repeating changes nothing."""
    heartbeat = _lock(heartbeat_id)
    if heartbeat.state == Heartbeat.State.PAUSED:
        heartbeat.state = state_anew(last_success_at=heartbeat.last_success_at)
        heartbeat.expected_from = now
        heartbeat.started_at, heartbeat.run_id = None, ""
        wait_for_next(heartbeat)
        heartbeat.save(update_fields=WATCH)
        _record(heartbeat, "heartbeat.resumed", by=by, now=now)
    return heartbeat


def rotate_heartbeat_key(*, heartbeat_id: int, by: Actor, now: datetime) -> tuple[Heartbeat, str]:
    """Give it a new key and return it; what comes by the old one is refused from now on. Locks the heartbeat."""
    heartbeat = _lock(heartbeat_id)
    secret = secrets.token_hex(16)
    integration = heartbeat.integration
    integration.key, integration.digest = secret, _digest(secret)
    integration.save(update_fields=["key", "digest"])
    _record(heartbeat, "heartbeat.key_rotated", by=by, now=now)
    return heartbeat, secret


def remove_heartbeat(*, heartbeat_id: int, by: Actor, now: datetime) -> None:
    """Take a heartbeat away with its reports; its key is revoked, its alert resolved and kept. Locks it."""
    heartbeat = _lock(heartbeat_id)
    tell_well(heartbeat=heartbeat, why=f"The heartbeat was removed by {by.name}.", now=now)
    payload = _payload(heartbeat)
    integration = heartbeat.integration
    integration.revoked_at = now
    integration.save(update_fields=["revoked_at"])
    heartbeat.delete()
    append(subject=SUBJECT, verb="heartbeat.removed", by=by, now=now, payload=payload)
    live.changed("settings", "heartbeats")


def _wait_anew(heartbeat: Heartbeat, now: datetime) -> None:
    """Wait by what the heartbeat is now; one that is late by it already goes on being late."""
    if heartbeat.state == Heartbeat.State.PAUSED:
        return
    kept = heartbeat.expected_at, heartbeat.next_look_at, heartbeat.waits_for_end
    wait_for_next(heartbeat)
    if heartbeat.state != Heartbeat.State.LATE:
        return
    if heartbeat.next_look_at is None or heartbeat.next_look_at > now:
        heartbeat.state = state_anew(last_success_at=heartbeat.last_success_at)
        tell_well(heartbeat=heartbeat, why="Its schedule was changed; it is not late by the new one.", now=now)
    else:
        heartbeat.expected_at, heartbeat.next_look_at, heartbeat.waits_for_end = kept


def _lock(heartbeat_id: int) -> Heartbeat:
    rows = Heartbeat.objects.select_for_update(no_key=True, of=("self",)).select_related("integration__service")
    heartbeat = rows.filter(pk=heartbeat_id).first()
    if heartbeat is None:
        raise NotFound("There is no such heartbeat.")
    return heartbeat


def _check(draft: HeartbeatDraft, *, heartbeat_id: int | None) -> None:
    errors = faults(
        name=draft.name,
        period_s=draft.period_s,
        cron=draft.cron,
        time_zone=draft.time_zone,
        grace_s=draft.grace_s,
        max_run_s=draft.max_run_s,
    )
    if draft.severity not in Alert.Severity.values:
        errors["severity"] = "A severity is critical, error, warning or info."
    others = Heartbeat.objects.filter(integration__name=draft.name.strip()).exclude(pk=heartbeat_id or 0)
    if "name" not in errors and others.exists():
        errors["name"] = "There is a heartbeat of this name already."
    if errors:
        raise BadInput("The heartbeat was not saved. " + " ".join(errors.values()), errors=errors)


def _set(heartbeat: Heartbeat, draft: HeartbeatDraft) -> None:
    heartbeat.severity = draft.severity
    heartbeat.period_s = draft.period_s
    heartbeat.cron = " ".join(draft.cron.split())
    heartbeat.time_zone = draft.time_zone
    heartbeat.grace_s = draft.grace_s
    heartbeat.max_run_s = draft.max_run_s


def _payload(heartbeat: Heartbeat) -> dict[str, JSON]:
    return {
        "id": heartbeat.pk,
        "name": heartbeat.name,
        "service": heartbeat.service.name if heartbeat.service else "",
        "severity": heartbeat.severity,
        "period_s": heartbeat.period_s,
        "cron": heartbeat.cron,
        "time_zone": heartbeat.time_zone,
        "grace_s": heartbeat.grace_s,
        "max_run_s": heartbeat.max_run_s,
    }


def _record(heartbeat: Heartbeat, verb: str, *, by: Actor, now: datetime, was: dict[str, JSON] | None = None) -> None:
    payload = {**_payload(heartbeat), **({"from": was} if was else {})}
    append(subject=SUBJECT, verb=verb, by=by, now=now, payload=payload)
    live.changed("settings", "heartbeats")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
