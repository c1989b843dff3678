"""Take a discarded draft up again: a new draft that says the same."""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from statuspage.models import PublicIncident, StatusUpdate
from statuspage.operations.draft_update import draft_incident, draft_update
from statuspage.operations.maintenance import draft_maintenance, reschedule
from web.errors import IllegalMove


def draft_again(*, update: StatusUpdate, by: Actor, now: datetime) -> StatusUpdate:
    """Return a new draft with the content of a discarded one; a promise whose time is over is left out.

    Where the public incident went with the draft, a new one is drafted too. Locks what the drafting operations lock.
    Raises `IllegalMove` for an update that is not discarded, and what those operations raise.
    """
    if update.state != StatusUpdate.State.DISCARDED:
        raise IllegalMove("This draft was not discarded; change it as it is.")
    public = update.public_incident
    if public.kind == PublicIncident.Kind.MAINTENANCE and update.stage == "scheduled":
        return _announce(update, by=by, now=now)
    promise = update.next_update_at if update.next_update_at and update.next_update_at > now else None
    components = dict(update.components.values_list("component_id", "new_status"))
    if public.discarded_at is None:
        return draft_update(
            public_incident=public,
            stage=update.stage,
            texts=update.texts,
            components=components,
            deliver=update.deliver,
            next_update_at=promise,
            by=by,
            now=now,
        )
    return draft_incident(
        page=public.page,
        incident=public.incident,
        name=public.name,
        names=public.names,
        stage=update.stage,
        texts=update.texts,
        components=components,
        servers=list(public.hit_servers.values_list("server_id", flat=True)),
        started_at=public.started_at,
        impact_override=public.impact_override,
        deliver=update.deliver,
        next_update_at=promise,
        by=by,
        now=now,
    )


def _announce(update: StatusUpdate, *, by: Actor, now: datetime) -> StatusUpdate:
    """Announce a maintenance anew, or move one that is known."""
    public = update.public_incident
    begins, ends = update.scheduled_for or public.scheduled_for, update.scheduled_until or public.scheduled_until
    if begins is None or ends is None:
        raise IllegalMove("This maintenance has no times; plan a new one.")
    if public.discarded_at is None:
        return reschedule(
            public_incident=public,
            scheduled_for=begins,
            scheduled_until=ends,
            texts=update.texts,
            deliver=update.deliver,
            by=by,
            now=now,
        )
    return draft_maintenance(
        page=public.page,
        name=public.name,
        names=public.names,
        texts=update.texts,
        scheduled_for=begins,
        scheduled_until=ends,
        components=dict(public.affected.values_list("component_id", "status")),
        remind_before_s=public.remind_before_s,
        auto_start=public.auto_start,
        auto_end=public.auto_end,
        mutes_alerts=public.mutes_alerts,
        servers=list(public.hit_servers.values_list("server_id", flat=True)),
        deliver=update.deliver,
        by=by,
        now=now,
    )
