"""What staff see of the status pages at a glance: each page's state, what waits, what was published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max, Q, QuerySet

from incidents.queries import hidden_incidents
from people.models import Person
from statuspage.addresses import public_address
from statuspage.models import (
    UNRESOLVED_STAGES,
    Component,
    ComponentStatus,
    PublicIncident,
    Publisher,
    StatusPage,
    StatusUpdate,
    Target,
)

WORST_FIRST: Final = tuple(reversed(ComponentStatus.values))
OPEN_MAINTENANCE: Final = ("scheduled", "in_progress", "verifying")
OLD_AFTER: Final = timedelta(minutes=3)
"""Files are made anew every minute; three missed turns are no chance any more."""


@dataclass(frozen=True, kw_only=True)
class OpenIncident:
    """A public incident that customers see as open; `last_heard_at` is its newest published update."""

    public_incident: PublicIncident
    last_heard_at: datetime | None
    overdue: bool


@dataclass(kw_only=True)
class PageOverview:
    """One page: `worst` is the worst state of its components, None without components; `well` of `total` are well."""

    page: StatusPage
    address: str
    worst: str | None
    total: int
    well: int
    incidents: list[OpenIncident] = field(default_factory=list)
    maintenance: list[PublicIncident] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What was published last. `old`: later than it should be, or never. `troubled` are targets that fail."""

    generation: int
    at: datetime | None
    waiting: bool
    old: bool
    targets: list[Target]
    troubled: list[Target]


def overviews(now: datetime) -> list[PageOverview]:
    """Return every page that is not archived; four queries however many pages there are."""
    pages = {
        page.pk: PageOverview(page=page, address=public_address(page), worst=None, total=0, well=0)
        for page in StatusPage.objects.filter(archived_at=None).defer("logo").order_by("slug")
    }
    shown = Component.objects.filter(page__in=pages, archived_at=None)
    for page_id, status in shown.order_by().values_list("page_id", "status"):
        one = pages[page_id]
        one.total += 1
        one.well += status == ComponentStatus.OPERATIONAL
        if one.worst is None or WORST_FIRST.index(status) < WORST_FIRST.index(one.worst):
            one.worst = status
    for public_incident in _open(pages):
        pages[public_incident.page_id].incidents.append(_as_open(public_incident, now))
    for maintenance in upcoming_maintenance().filter(page__in=pages):
        pages[maintenance.page_id].maintenance.append(maintenance)
    return list(pages.values())


def _open(pages: Iterable[str]) -> QuerySet[PublicIncident, PublicIncident]:
    found = PublicIncident.objects.filter(
        page__in=list(pages), kind="incident", status__in=UNRESOLVED_STAGES, published_at__isnull=False
    )
    return found.annotate(heard_at=Max("updates__published_at")).order_by("-started_at")


def _as_open(public_incident: PublicIncident, now: datetime) -> OpenIncident:
    promised = public_incident.next_update_at
    return OpenIncident(
        public_incident=public_incident,
        last_heard_at=getattr(public_incident, "heard_at", None),
        overdue=promised is not None and promised < now,
    )


def upcoming_maintenance() -> QuerySet[PublicIncident, PublicIncident]:
    """Return the published maintenance that is not over, the next one first."""
    found = PublicIncident.objects.filter(
        kind="maintenance", status__in=OPEN_MAINTENANCE, published_at__isnull=False, discarded_at=None
    )
    return found.select_related("page").order_by("scheduled_for")


def waiting_updates(person: Person) -> QuerySet[StatusUpdate, StatusUpdate]:
    """Return the drafts and approved updates that are not published yet, incidents first, the longest waiting first.

    Those about an internal incident that this person may not know of are left out.
    """
    found = StatusUpdate.objects.filter(state__in=["draft", "approved"], public_incident__page__archived_at=None)
    hidden = hidden_incidents(person)
    if hidden is not None:
        found = found.exclude(Q(public_incident__incident__in=hidden))
    return found.select_related(
        "public_incident__page", "public_incident__incident", "drafted_by", "approved_by"
    ).order_by("public_incident__kind", "created_at", "id")


def publication(now: datetime) -> Publication:
    """Return how publishing stands."""
    publisher = Publisher.objects.filter(pk=1).first() or Publisher()
    targets = list(Target.objects.filter(enabled=True).defer("secret"))
    return Publication(
        generation=publisher.generation,
        at=publisher.published_at,
        waiting=publisher.wanted > publisher.published,
        old=publisher.published_at is None or publisher.published_at < now - OLD_AFTER,
        targets=targets,
        troubled=[target for target in targets if target.failing_since is not None or target.trouble],
    )
