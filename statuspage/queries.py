"""Reads of the status page that join: what the incident room asks, and what timelines say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Max, Prefetch

from incidents.models import Incident
from statuspage.models import (
    Component,
    ComponentStatus,
    ImpactChange,
    PublicIncident,
    StatusPage,
    StatusUpdate,
)
from statuspage.rules.impact import Step
from statuspage.rules.suggestion import suggested_status

ENDED: Final = ("resolved", "postmortem", "completed")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """When customers last heard of an incident and when they are promised to hear more; `open`: it goes on for them."""

    at: datetime | None
    promised_at: datetime | None
    open: bool


@dataclass(frozen=True, kw_only=True)
class GreenWhileBurning:
    """An open SEV1 whose service customers see as operational."""

    incident: Incident
    component: Component


def suggest_components(incident: Incident | None, page: StatusPage) -> dict[str, str]:
    """Return the page's components that an incident's service stands behind, each with the state its severity suggests.

    A suggestion: a person confirms it. Only the mapping and the severity are asked; {} without a service.
    """
    if incident is None or incident.service_id is None:
        return {}
    of_service = Component.objects.filter(page=page, archived_at=None, services=incident.service_id)
    status = suggested_status(incident.severity)
    return dict.fromkeys(of_service.order_by("position", "name").values_list("pk", flat=True), status)


def customers_last_heard(incident: Incident) -> Heard:
    """Return what customers of any page were told about an internal incident last; two queries."""
    told = PublicIncident.objects.filter(incident=incident, published_at__isnull=False, kind="incident")
    last = StatusUpdate.objects.filter(public_incident__in=told, state="published").aggregate(at=Max("published_at"))
    unresolved = told.exclude(status__in=ENDED)
    promises = list(unresolved.values_list("next_update_at", flat=True))
    given = [promise for promise in promises if promise is not None]
    return Heard(at=last["at"], promised_at=min(given, default=None), open=bool(promises))


def green_while_burning(now: datetime) -> list[GreenWhileBurning]:
    """Return the open SEV1s that a shown component of their service denies: customers read that it is operational.

    `now` leaves out incidents opened later. Two queries, whatever there is.
    """
    shown = Component.objects.filter(
        archived_at=None, page__archived_at=None, status=ComponentStatus.OPERATIONAL
    ).select_related("page")
    burning = (
        Incident.objects.filter(severity=1, status__in=Incident.OPEN, opened_at__lte=now, service__components__in=shown)
        .distinct()
        .order_by("number")
        .select_related("service")
        .prefetch_related(Prefetch("service__components", shown, to_attr="green"))
    )
    return [
        GreenWhileBurning(incident=incident, component=component)
        for incident in burning
        for component in getattr(incident.service, "green", ())
    ]


def timelines(page: StatusPage, *, since: datetime, now: datetime) -> dict[str, list[Step]]:
    """Return the steps of each component of a page from `since` to `now`, with what stood at `since`; two queries."""
    rows = ImpactChange.objects.filter(component__page=page, superseded_by=None)
    standing = (
        rows.filter(at__lt=since)
        .order_by("component_id", "source_id", "-at", "-id")
        .distinct("component_id", "source_id")
    )
    fields = ("component_id", "source_id", "status", "at", "pk")
    within = rows.filter(at__gte=since, at__lte=now).order_by("at", "pk").values_list(*fields)
    found: dict[str, list[Step]] = {}
    for component, source, status, at, pk in (*standing.values_list(*fields), *within):
        found.setdefault(component, []).append(Step(at=at, source=source or "", status=status, order=pk))
    return found
