"""When people say their first word of an incident, they go on where Muster began: customers read one story, not two."""

from __future__ import annotations

from datetime import datetime

from incidents.operations.locking import lock_incident
from ledger.actor import Actor
from statuspage.models import HitServer, PublicIncident, StatusUpdate
from statuspage.operations.locking import lock_public_incident
from statuspage.operations.recording import record
from statuspage.rules.stages import ENDED


def lock_incident_behind(update: StatusUpdate) -> None:
    """Lock the internal incident of an update, if there is one: the first of all locks. So Muster waits its turn."""
    incident = PublicIncident.objects.filter(updates=update.pk).values_list("incident", flat=True).first()
    if incident is not None:
        lock_incident(incident)


def continue_automatic(update: StatusUpdate, *, by: Actor, now: datetime) -> StatusUpdate:
    """Move a locked update of an unpublished public incident to the one that Muster opened for the same, if it did.

    That one takes over name, servers and the other drafts; the unpublished one is discarded. Returns the update.
    """
    drafted = update.public_incident
    if drafted.published_at is not None or drafted.incident_id is None:
        return update
    begun = PublicIncident.objects.filter(
        incident=drafted.incident_id, page=drafted.page_id, automatic=True, published_at__isnull=False
    ).exclude(status__in=ENDED)
    found = begun.values_list("pk", flat=True).order_by("-published_at").first()
    if found is None:
        return update
    public = lock_public_incident(found)
    StatusUpdate.objects.filter(public_incident=drafted).update(public_incident=public)
    named = HitServer.objects.filter(public_incident=public).values("server")
    HitServer.objects.filter(public_incident=drafted).exclude(server__in=named).update(public_incident=public)
    public.name, public.names, public.impact_override = drafted.name, drafted.names, drafted.impact_override
    public.started_at = min(public.started_at, drafted.started_at)
    public.automatic = False  # it is people's now, and no further draft is moved here
    drafted.discarded_at = drafted.updated_at = now
    drafted.version += 1
    drafted.save(update_fields=["discarded_at", "updated_at", "version"])
    public.save()
    record(drafted, "status.incident_continued", by=by, now=now, payload={"into": public.pk})
    update.public_incident = public
    return update
