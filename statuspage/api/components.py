"""Pages and components in the API, with figures and prepared texts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from people.api_door import admit
from people.permissions import ADMINISTER, APPROVE_UPDATE, DRAFT_UPDATE, READ
from statuspage.api.answers import component_out, metric_out, page_out, template_out
from statuspage.api.finding import group_given, metric_named, page_asked_for, page_named, services_given
from statuspage.api.given import (
    ComponentChangeIn,
    ComponentIn,
    ComponentsAsked,
    ComponentStateIn,
    MetricIn,
    MetricsAsked,
    PointsIn,
)
from statuspage.api.shown import ComponentOut, MetricOut, PageOut, PointOut, TemplateOut
from statuspage.doors import access_component
from statuspage.models import Component, Metric, StatusPage, UpdateTemplate
from statuspage.operations.components import archive_component, save_component, set_component_status
from statuspage.operations.metrics import Point, push_points, save_metric
from web.api import Page, Query, Router, Status, Window, paged

router = Router(tags=["status page"])


@router.get("/status/pages", response=Page[PageOut])
def list_status_pages(request: HttpRequest, window: Query[Window]) -> dict[str, Any]:
    """Status pages with their groups."""
    reader = admit(request, READ).person
    found = StatusPage.objects.defer("logo").prefetch_related("groups")
    return paged(found, window=window, order=("slug",), serialize=lambda page: page_out(page, reader))


@router.get("/status/components", response=Page[ComponentOut])
def list_components(request: HttpRequest, asked: Query[ComponentsAsked]) -> dict[str, Any]:
    """Components in their order."""
    admit(request, READ)
    found = Component.objects.prefetch_related("services")
    if asked.page:
        found = found.filter(page=page_asked_for(asked.page))
    if not asked.archived:
        found = found.filter(archived_at=None)
    return paged(found, window=asked, order=("page_id", "position", "id"), serialize=component_out)


@router.post("/status/components", response={201: ComponentOut})
def add_component(request: HttpRequest, given: ComponentIn) -> Status[ComponentOut]:
    """Add a component; it is operational, and customers see it at once."""
    admitted = admit(request, ADMINISTER)
    page = page_named(given.page)
    component = save_component(
        page=page,
        name=given.name,
        names=given.names,
        group=group_given(page, given.group),
        description=given.description,
        showcase=given.showcase,
        only_show_if_degraded=given.only_show_if_degraded,
        start_date=given.start_date,
        services=services_given(given.services),
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, component_out(component))


@router.get("/status/components/{component_id}", response=ComponentOut)
def get_component(request: HttpRequest, component_id: str) -> ComponentOut:
    """One component."""
    admit(request, READ)
    return component_out(access_component(component_id))


@router.patch("/status/components/{component_id}", response=ComponentOut)
def change_component(request: HttpRequest, component_id: str, given: ComponentChangeIn) -> ComponentOut:
    """Change what a component is called and how it is shown; what is left out stays."""
    admitted = admit(request, ADMINISTER)
    known = access_component(component_id)
    fields = ("name", "names", "description", "showcase", "only_show_if_degraded", "start_date")
    named = given.model_fields_set
    kept = {name: getattr(given if _is_given(given, name) else known, name) for name in fields}
    component = save_component(
        page=known.page,
        component=known,
        group=group_given(known.page, given.group) if "group" in named else known.group,
        services=list(known.services.all()) if given.services is None else services_given(given.services),
        by=admitted.by,
        now=admitted.now,
        **kept,
    )
    return component_out(component)


@router.post("/status/components/{component_id}/status", response=ComponentOut)
def set_state(request: HttpRequest, component_id: str, given: ComponentStateIn) -> ComponentOut:
    """Say by hand what state it is in, without a public incident; subscribers are not told."""
    admitted = admit(request, APPROVE_UPDATE)
    component = access_component(component_id)
    set_component_status(component=component, status=given.status, by=admitted.by, now=admitted.now)
    return component_out(access_component(component_id))


@router.delete("/status/components/{component_id}", response=ComponentOut)
def remove_component(request: HttpRequest, component_id: str) -> ComponentOut:
    """Archive it: it leaves the page, its history stays."""
    admitted = admit(request, ADMINISTER)
    archive_component(component=access_component(component_id), by=admitted.by, now=admitted.now)
    return component_out(access_component(component_id))


@router.get("/status/metrics", response=Page[MetricOut])
def list_metrics(request: HttpRequest, asked: Query[MetricsAsked]) -> dict[str, Any]:
    """Figures that pages show as charts."""
    admit(request, READ)
    found = Metric.objects.all()
    if asked.page:
        found = found.filter(page=page_asked_for(asked.page))
    return paged(found, window=asked, order=("page_id", "position", "id"), serialize=metric_out)


@router.post("/status/metrics", response={201: MetricOut})
def add_metric(request: HttpRequest, given: MetricIn) -> Status[MetricOut]:
    """Add a figure; push its points afterwards."""
    admitted = admit(request, ADMINISTER)
    page = page_named(given.page)
    metric = save_metric(
        page=page, name=given.name, unit=given.unit, decimals=given.decimals, by=admitted.by, now=admitted.now
    )
    return Status(201, metric_out(metric))


@router.post("/status/metrics/{metric_id}/points", response=PointOut)
def push_metric_points(request: HttpRequest, metric_id: str, given: PointsIn) -> PointOut:
    """Push values; the chart shows them with the next regular publication, within a minute."""
    admitted = admit(request, DRAFT_UPDATE)
    points = [Point(at=each.at, value=each.value) for each in given.points]
    return PointOut(stored=push_points(metric=metric_named(metric_id), points=points, now=admitted.now))


@router.get("/status/templates", response=Page[TemplateOut])
def list_templates(request: HttpRequest, window: Query[Window]) -> dict[str, Any]:
    """Texts prepared for updates."""
    admit(request, READ)
    found = UpdateTemplate.objects.filter(archived_at=None)
    return paged(found, window=window, order=("incident_type", "stage", "label", "id"), serialize=template_out)


def _is_given(given: ComponentChangeIn, name: str) -> bool:
    """Tell whether a field was named; null empties only the start date."""
    return name in given.model_fields_set and (name == "start_date" or getattr(given, name) is not None)
