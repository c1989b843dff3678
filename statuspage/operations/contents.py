"""What of an update is approved: its content as it stands in the database."""

from __future__ import annotations

from statuspage.models import AffectedComponent, HitServer, PublicIncident, StatusUpdate, UpdateComponent
from statuspage.rules.approval import Content, digest


def digest_of(update: StatusUpdate) -> str:
    """Return the SHA-256 of everything that customers will read or see when this update is published.

    Whoever approves names the digest of what they saw; an edit in between makes another one.
    """
    public = update.public_incident
    first = public.published_at is None
    affected = AffectedComponent.objects.filter(public_incident=public)
    planned = public.kind == PublicIncident.Kind.MAINTENANCE and public.status == "scheduled"
    servers = HitServer.objects.filter(public_incident=public).values_list("server__name", flat=True)
    return digest(
        Content(
            public_incident=public.pk,
            name=public.name,
            names=public.names,
            stage=update.stage,
            texts=update.texts,
            components=dict(UpdateComponent.objects.filter(update=update).values_list("component_id", "new_status")),
            affected=dict(affected.values_list("component_id", "status")) if planned else {},
            servers=list(servers) if first else [],
            deliver=update.deliver,
            impact_override=public.impact_override,
            started_at=public.started_at if first else None,
            next_update_at=update.next_update_at,
            scheduled_for=update.scheduled_for,
            scheduled_until=update.scheduled_until,
        )
    )
