"""What follows when an update is published; shared by people, by Muster's own updates and by the emergency journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from engine import wake
from ledger.actor import Actor
from statuspage.models import (
    AffectedComponent,
    Component,
    HitServer,
    Impact,
    Mailing,
    PublicIncident,
    StatusUpdate,
    UpdateComponent,
)
from statuspage.operations.draft_update import main_text, payload_of
from statuspage.operations.locking import lock_components
from statuspage.operations.recording import record
from statuspage.operations.timeline import add_steps, settle
from statuspage.rules.impact import OPERATIONAL, impact_of, worse_impact
from statuspage.rules.stages import ENDED, implied_statuses

MAILINGS: Final = "status_mailings"
"""The duty that tells subscribers."""


def take_effect(update: StatusUpdate, *, by: Actor, now: datetime, at: datetime | None = None) -> StatusUpdate:
    """Publish a locked update that may go out: components, timeline, public incident, mailing, files, ledger.

    Customers read that it was said at `at` (default `now`); what came into effect earlier than `now`, because nobody
    could record it then, shows in the timeline as recorded later. Locks the components, then the publisher's row and
    the ledger's heads.
    """
    public, at = update.public_incident, at or now
    affected = {each.component_id: each for each in public.affected.select_for_update(no_key=True)}
    explicit = dict(UpdateComponent.objects.filter(update=update).values_list("component_id", "new_status"))
    planned = public.kind == PublicIncident.Kind.MAINTENANCE
    implied = implied_statuses(
        stage=update.stage,
        before=public.status if public.published_at else "",
        affected={pk: each.status for pk, each in affected.items()},
        planned=planned,
    )
    said = {**implied, **explicit}
    components = lock_components(said)
    _say_in_update(update, said, components)
    begins = public.published_at is None and not planned
    moment = min(at, now)  # a timeline ends now, else the component would change later than its word is read
    since = min(public.started_at, moment) if begins else moment
    _move_components(update, said, components, affected, since=since, now=now, by=by)
    _move_public(update, at=moment, now=now)
    update.state, update.published_at, update.display_at = StatusUpdate.State.PUBLISHED, now, at
    update.updated_at = now
    update.version += 1
    update.save()
    if update.deliver:
        Mailing.objects.create(update=update, started_at=now)
        wake.after_commit(MAILINGS)
    payload = {
        **payload_of(update),
        "impact": public.impact,
        "approved_by": update.approved_by.name if update.approved_by else "",
        "automatic": update.automatic,
        "override": bool(update.override_reason),
        "next_update_at": update.next_update_at.isoformat() if update.next_update_at else "",
    }
    record(public, "status.update_published", by=by, now=now, payload=payload, personal=main_text(update), publish=True)
    return update


def _say_in_update(update: StatusUpdate, said: Mapping[str, str], components: Mapping[str, Component]) -> None:
    """Write down what every component was and is, also those that only the stage speaks of."""
    UpdateComponent.objects.bulk_create(
        [
            UpdateComponent(update=update, component_id=pk, old_status=components[pk].status, new_status=status)
            for pk, status in sorted(said.items())
        ],
        update_conflicts=True,
        unique_fields=["update", "component"],
        update_fields=["old_status", "new_status"],
    )


def _move_components(
    update: StatusUpdate,
    said: Mapping[str, str],
    components: Mapping[str, Component],
    affected: Mapping[str, AffectedComponent],
    *,
    since: datetime,
    now: datetime,
    by: Actor,
) -> None:
    """Put what is said into the timelines and into the public incident's own list."""
    public = update.public_incident
    ended = update.stage in ENDED
    # An incident that has ended says nothing any more: what still ails a component then is on record by itself, and a
    # person sets it right.
    of_incident = dict.fromkeys(said, OPERATIONAL) if ended else said
    add_steps(of_incident, components=components, source=public, at=since, now=now, by_name=by.name)
    if ended:
        left = {pk: status for pk, status in said.items() if status != OPERATIONAL}
        add_steps(left, components=components, source=None, at=since, now=now, by_name=by.name)
    settle(list(components.values()), now=now)
    rows = []
    for pk, status in sorted(said.items()):
        row = affected.get(pk) or AffectedComponent(public_incident=public, component_id=pk, since=since)
        if public.kind == PublicIncident.Kind.MAINTENANCE and status != OPERATIONAL and row.recovered_at is None:
            row.since = since if public.status == "scheduled" else row.since
        row.status = status
        row.recovered_at = (row.recovered_at or since) if status == OPERATIONAL else None
        rows.append(row)
    AffectedComponent.objects.bulk_create([row for row in rows if row.component_id not in affected])
    AffectedComponent.objects.bulk_update(
        [row for row in rows if row.component_id in affected], ["status", "since", "recovered_at"]
    )


def _move_public(update: StatusUpdate, *, at: datetime, now: datetime) -> None:
    """Bring the public incident to the update's stage."""
    public, stage = update.public_incident, update.stage
    first = public.published_at is None
    if update.scheduled_for is not None and update.scheduled_until is not None:
        if update.scheduled_for != public.scheduled_for:
            public.reminded_at = None
        public.scheduled_for, public.scheduled_until = update.scheduled_for, update.scheduled_until
        if stage == "scheduled":
            public.affected.filter(recovered_at=None).update(since=public.scheduled_for)
    if stage in ENDED:
        public.resolved_at = public.resolved_at or at
        HitServer.objects.filter(public_incident=public, recovered_at=None).update(recovered_at=at)
        public.next_update_at = None
    else:
        if public.resolved_at is not None:
            HitServer.objects.filter(public_incident=public, recovered_at=public.resolved_at).update(recovered_at=None)
        public.resolved_at = None
        public.next_update_at = update.next_update_at
    if stage == "monitoring":
        public.monitoring_at = at
    if public.kind == PublicIncident.Kind.INCIDENT:
        shown = Component.objects.filter(page=public.page, archived_at=None).count()
        current = impact_of(list(public.affected.values_list("status", flat=True)), shown=shown)
        public.impact = public.impact_override or worse_impact(public.impact, current)
    else:
        public.impact = Impact.MAINTENANCE
    public.status = stage
    public.published_at = now if first else public.published_at
    public.updated_at = now
    public.version += 1
    public.save()
