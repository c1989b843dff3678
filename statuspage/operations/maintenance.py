"""Plan a maintenance, move it, cancel it. Each is a draft that a second person approves, as with an incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ledger.actor import Actor
from statuspage.models import HitServer, Impact, PublicIncident, StatusPage, StatusUpdate
from statuspage.operations.checking import (
    check_stage,
    check_times,
    checked_components,
    checked_name,
    checked_names,
    checked_servers,
)
from statuspage.operations.draft_update import add_draft, check_open
from statuspage.operations.edit_draft import plan_components
from statuspage.operations.locking import lock_public_incident
from statuspage.operations.recording import record
from web.errors import BadInput, IllegalMove

LONGEST_REMINDER_S = 14 * 86400


def draft_maintenance(
    *,
    page: StatusPage,
    name: str,
    texts: Mapping[str, str],
    scheduled_for: datetime,
    scheduled_until: datetime,
    by: Actor,
    now: datetime,
    components: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    remind_before_s: int | None = None,
    auto_start: bool = True,
    auto_end: bool = True,
    mutes_alerts: bool = True,
    servers: Sequence[int] = (),
    deliver: bool = True,
) -> StatusUpdate:
    """Draft a maintenance and return its first update; nothing is public before that is published.

    `components` says what each will be while it runs. `remind_before_s` is how long before the start subscribers are
    reminded. While it runs, alerts of the components' services wait if `mutes_alerts`. Raises `BadInput`.
    """
    check_times(scheduled_for, scheduled_until, now=now)
    _check_reminder(remind_before_s)
    public = PublicIncident(
        page=page,
        kind=PublicIncident.Kind.MAINTENANCE,
        name=checked_name(name),
        names=checked_names(names or {}, page),
        status="scheduled",
        impact=Impact.MAINTENANCE,
        started_at=scheduled_for,
        scheduled_for=scheduled_for,
        scheduled_until=scheduled_until,
        remind_before_s=remind_before_s,
        auto_start=auto_start,
        auto_end=auto_end,
        mutes_alerts=mutes_alerts,
        created_at=now,
        updated_at=now,
    )
    planned = checked_components(components or {}, page)
    hit = checked_servers(servers, page)
    check_open(public)
    public.save()
    plan_components(public, planned)
    HitServer.objects.bulk_create(
        HitServer(public_incident=public, server_id=server, since=scheduled_for) for server in hit
    )
    times = (scheduled_for, scheduled_until)
    return add_draft(public, "scheduled", texts=texts, components={}, deliver=deliver, scheduled=times, by=by, now=now)


def reschedule(
    *,
    public_incident: PublicIncident,
    scheduled_for: datetime,
    scheduled_until: datetime,
    texts: Mapping[str, str],
    by: Actor,
    now: datetime,
    deliver: bool = True,
) -> StatusUpdate:
    """Draft other times for a maintenance, which hold once that update is published.

    One that runs keeps its start: a later `scheduled_until` makes it longer. Locks it. Raises `BadInput` or
    `IllegalMove`.
    """
    public = _locked(public_incident)
    if public.status != "scheduled" and scheduled_for != public.scheduled_for:
        raise IllegalMove("It runs already, so only its end can move.")
    check_times(scheduled_for, scheduled_until, now=now)
    check_stage(public.status, public)
    times = (scheduled_for, scheduled_until)
    return add_draft(
        public, public.status, texts=texts, components={}, deliver=deliver, scheduled=times, by=by, now=now
    )


def cancel(
    *, public_incident: PublicIncident, texts: Mapping[str, str], by: Actor, now: datetime, deliver: bool = True
) -> StatusUpdate:
    """Draft the word that a maintenance does not take place; published, it is completed and no component was touched.

    One of which nothing is public yet is discarded with its drafts instead. Raises `IllegalMove`.
    """
    public = _locked(public_incident)
    if public.published_at is None or public.status != "scheduled":
        raise IllegalMove("Only a maintenance that customers know of and that has not begun can be cancelled.")
    return add_draft(public, "completed", texts=texts, components={}, deliver=deliver, by=by, now=now)


def change_maintenance(
    *,
    public_incident: PublicIncident,
    by: Actor,
    now: datetime,
    remind_before_s: int | None,
    auto_start: bool,
    auto_end: bool,
    mutes_alerts: bool,
) -> PublicIncident:
    """Set what Muster does by itself for a maintenance: none of it is read by customers, so it holds at once.

    Changing nothing records nothing. Locks it. Raises `BadInput` and `IllegalMove`.
    """
    public = _locked(public_incident)
    _check_reminder(remind_before_s)
    given = {
        "remind_before_s": remind_before_s,
        "auto_start": auto_start,
        "auto_end": auto_end,
        "mutes_alerts": mutes_alerts,
    }
    if all(getattr(public, field) == value for field, value in given.items()):
        return public
    for field, value in given.items():
        setattr(public, field, value)
    public.version += 1
    public.save(update_fields=[*given, "version"])
    record(public, "status.maintenance_changed", by=by, now=now, payload=given)
    return public


def _locked(public_incident: PublicIncident) -> PublicIncident:
    public = lock_public_incident(public_incident.pk)
    if public.kind != PublicIncident.Kind.MAINTENANCE:
        raise IllegalMove("This is an incident; only a maintenance has times.")
    check_open(public)
    if public.status == "completed":
        raise IllegalMove("This maintenance is over.")
    return public


def _check_reminder(seconds: int | None) -> None:
    if seconds is not None and not 60 <= seconds <= LONGEST_REMINDER_S:
        sentence = "Remind a minute to two weeks before it begins."
        raise BadInput(sentence, errors={"remind_before_s": sentence})
