"""From what is said in public to what the API shows of it."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from incidents.queries import visible_incidents
from people.api_shapes import optional_ref, person_ref
from people.models import Person
from people.permissions import ADMINISTER, may
from statuspage.addresses import public_address
from statuspage.api.shown import (
    AffectedOut,
    ComponentOut,
    GroupOut,
    MaintenanceOut,
    MetricOut,
    OverrideOut,
    PageOut,
    PublicIncidentOut,
    SaidOut,
    TemplateOut,
    UpdateOut,
)
from statuspage.doors import visible_updates
from statuspage.models import (
    AffectedComponent,
    Component,
    EmergencyOverride,
    HitServer,
    Metric,
    PublicIncident,
    StatusPage,
    StatusUpdate,
    UpdateComponent,
    UpdateTemplate,
)
from statuspage.operations.contents import digest_of

WAITING = (StatusUpdate.State.DRAFT, StatusUpdate.State.APPROVED)


def page_out(page: StatusPage, reader: Person) -> PageOut:
    """Return a page with its `groups`; the folder of a secret one is for administrators alone."""
    hidden = page.audience == StatusPage.Audience.SECRET and not may(reader, ADMINISTER)
    groups = [
        GroupOut(
            id=group.pk, name=group.name, names=group.names, description=group.description, position=group.position
        )
        for group in page.groups.all()
    ]
    return PageOut(
        id=page.pk,
        name=page.name,
        slug=page.slug,
        audience=page.audience,
        address="" if hidden else public_address(page),
        language=page.language,
        languages=list(page.languages),
        time_zone=page.time_zone,
        headline_uptime=page.headline_uptime,
        groups=groups,
        archived_at=page.archived_at,
    )


def component_out(component: Component) -> ComponentOut:
    """Return a component with its `services` at hand."""
    return ComponentOut(
        id=component.pk,
        page_id=component.page_id,
        group_id=component.group_id,
        name=component.name,
        names=component.names,
        description=component.description,
        status=component.status,
        position=component.position,
        showcase=component.showcase,
        only_show_if_degraded=component.only_show_if_degraded,
        start_date=component.start_date,
        services=[service.key for service in component.services.all()],
        archived_at=component.archived_at,
        created_at=component.created_at,
        updated_at=component.updated_at,
    )


def whole(found: QuerySet[PublicIncident, PublicIncident], reader: Person) -> QuerySet[PublicIncident, PublicIncident]:
    """Return public incidents with all that the API shows of them at hand, as far as this person may see it.

    `seen` tells of each whether they may see the internal incident behind it.
    """
    behind = visible_incidents(reader).filter(pk=OuterRef("incident"))
    said = Prefetch("components", UpdateComponent.objects.select_related("component"))
    return found.annotate(seen=Exists(behind)).prefetch_related(
        Prefetch("updates", visible_updates(reader).prefetch_related(said)),
        Prefetch("affected", AffectedComponent.objects.select_related("component")),
        Prefetch("hit_servers", HitServer.objects.select_related("server").order_by("server__name")),
    )


def incident_out(public: PublicIncident) -> PublicIncidentOut:
    """Return one of `whole`."""
    return PublicIncidentOut(**_common(public))


def maintenance_out(public: PublicIncident) -> MaintenanceOut:
    """Return a maintenance of `whole`."""
    assert public.scheduled_for and public.scheduled_until  # noqa: S101, PT018  (the database holds it)
    return MaintenanceOut(
        **_common(public),
        scheduled_for=public.scheduled_for,
        scheduled_until=public.scheduled_until,
        remind_before_s=public.remind_before_s,
        reminded_at=public.reminded_at,
        auto_start=public.auto_start,
        auto_end=public.auto_end,
        mutes_alerts=public.mutes_alerts,
    )


def update_out(update: StatusUpdate, *, with_digest: bool = True) -> UpdateOut:
    """Return an update; `with_digest` adds what to name when it is approved."""
    said = [
        SaidOut(id=each.component_id, name=each.component.name, old_status=each.old_status, new_status=each.new_status)
        for each in update.components.all()
    ]
    return UpdateOut(
        id=update.pk,
        incident_id=update.public_incident_id,
        state=update.state,
        stage=update.stage,
        texts=update.texts,
        components=said,
        deliver=update.deliver,
        next_update_at=update.next_update_at,
        scheduled_for=update.scheduled_for,
        scheduled_until=update.scheduled_until,
        digest=digest_of(update) if with_digest and update.state in WAITING else "",
        drafted_by=optional_ref(update.drafted_by),
        approved_by=optional_ref(update.approved_by),
        approved_at=update.approved_at,
        override_reason=update.override_reason,
        automatic=update.automatic,
        display_at=update.display_at,
        published_at=update.published_at,
        created_at=update.created_at,
        updated_at=update.updated_at,
        version=update.version,
    )


def metric_out(metric: Metric) -> MetricOut:
    """Return a figure."""
    return MetricOut(
        id=metric.pk,
        page_id=metric.page_id,
        name=metric.name,
        unit=metric.unit,
        decimals=metric.decimals,
        created_at=metric.created_at,
    )


def template_out(template: UpdateTemplate) -> TemplateOut:
    """Return a prepared text."""
    return TemplateOut(
        id=template.pk,
        label=template.label,
        type=template.incident_type,
        stage=template.stage,
        names=template.names,
        texts=template.texts,
    )


def override_out(override: EmergencyOverride) -> OverrideOut:
    """Return until when somebody may publish alone."""
    return OverrideOut(
        id=str(override.pk), person=person_ref(override.person), since=override.since, until=override.until
    )


def _common(public: PublicIncident) -> dict[str, Any]:
    affected = [
        AffectedOut(
            id=each.component_id,
            name=each.component.name,
            status=each.status,
            since=each.since,
            recovered_at=each.recovered_at,
        )
        for each in public.affected.all()
    ]
    return {
        "id": public.pk,
        "page_id": public.page_id,
        "incident_id": str(public.incident_id) if getattr(public, "seen", False) else None,
        "name": public.name,
        "names": public.names,
        "status": public.status,
        "impact": public.impact_override or public.impact,
        "started_at": public.started_at,
        "published_at": public.published_at,
        "monitoring_at": public.monitoring_at,
        "resolved_at": public.resolved_at,
        "next_update_at": public.next_update_at,
        "automatic": public.automatic,
        "discarded_at": public.discarded_at,
        "components": affected,
        "servers": [each.server.name for each in public.hit_servers.all()],
        "updates": [update_out(update, with_digest=False) for update in public.updates.all()],
        "created_at": public.created_at,
        "updated_at": public.updated_at,
        "version": public.version,
    }
