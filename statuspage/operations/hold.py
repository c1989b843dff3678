"""While nobody has said anything, Muster says that somebody looks into it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q

from engine.duties import Tick
from incidents.models import Incident
from incidents.operations.locking import lock_incident
from notifications.operations.alarm_administrators import alarm_administrators
from statuspage.automatic_texts import looking_into
from statuspage.models import AffectedComponent, Component, PublicIncident, PublishingPolicy, StatusPage
from statuspage.operations.speak import speak
from statuspage.rules.stages import RUNNING
from statuspage.rules.suggestion import HOLDING

log = structlog.get_logger(__name__)


def hold(tick: Tick) -> int:
    """Say of each page "we are looking into it" where its severity's policy wants that; the duty "holding_updates".

    Returns how many were said. One that fails stops no other, and the administrators hear of it.
    """
    said = 0
    for incident_id, page in _silent(tick.now):
        if tick.out_of_time():
            break
        try:
            with transaction.atomic():
                said += say_we_look_into_it(incident_id=incident_id, page=page, now=tick.now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("holding_update_failed", incident=str(incident_id), page=page.pk)
            sentence = f"Customers of “{page.name}” are told nothing of an open incident. Publish an update by hand."
            alarm_administrators(cause=f"holding-update:{incident_id}", sentence=sentence, now=tick.now)
    return said


def say_we_look_into_it(*, incident_id: UUID, page: StatusPage, now: datetime) -> int:
    """Publish the neutral word for the components of an incident's service; return 0 where it is not due (any more).

    Nothing of the incident itself is told, and of a private one nothing at all. The components are shown as degraded:
    the mildest state that claims no longer that all is well. Locks the incident, so that it is said once.
    """
    incident = lock_incident(incident_id)
    policy = PublishingPolicy.objects.filter(pk=incident.severity, holds_s__isnull=False).first()
    if policy is None or not _is_due(incident, policy, now):
        return 0
    components = _untold(incident, page)
    if not components:
        return 0
    names, texts = looking_into(page, components)
    public = PublicIncident.objects.create(
        page=page,
        incident=incident,
        name=names.pop(page.language)[:200],
        names={code: name[:200] for code, name in names.items()},
        started_at=now,
        automatic=True,
        created_at=now,
        updated_at=now,
    )
    speak(public, "investigating", texts=texts, components={each.pk: HOLDING for each in components}, now=now)
    return 1


def _silent(now: datetime) -> Iterator[tuple[UUID, StatusPage]]:
    """Return incidents that have been open for long enough, with each page that shows their service."""
    due = Q(pk__in=[])
    for policy in PublishingPolicy.objects.filter(holds_s__isnull=False, severity__gte=1):
        due |= Q(severity=policy.severity, opened_at__lte=now - timedelta(seconds=policy.holds_s or 0))
    open_ones = Incident.objects.filter(due, private=False, status__in=Incident.OPEN, service__isnull=False)
    for incident in open_ones.order_by("opened_at"):
        pages = StatusPage.objects.filter(
            archived_at=None, components__archived_at=None, components__services=incident.service_id
        )
        for page in pages.distinct():
            if _untold(incident, page):
                yield incident.pk, page


def _is_due(incident: Incident, policy: PublishingPolicy, now: datetime) -> bool:
    if incident.private or not incident.is_open or incident.service_id is None or policy.holds_s is None:
        return False
    return incident.opened_at <= now - timedelta(seconds=policy.holds_s)


def _untold(incident: Incident, page: StatusPage) -> list[Component]:
    """Return the components of an incident's service that customers were told nothing of, in order.

    None once anything about the incident was published there, also if that is resolved by now.
    """
    if PublicIncident.objects.filter(incident=incident, page=page, published_at__isnull=False).exists():
        return []
    told = AffectedComponent.objects.filter(
        component=OuterRef("pk"),
        recovered_at=None,
        public_incident__published_at__isnull=False,
        public_incident__status__in=("investigating", "identified", "monitoring", *RUNNING),
    )
    shown = Component.objects.filter(page=page, page__archived_at=None, archived_at=None, services=incident.service_id)
    return list(shown.exclude(Exists(told)).order_by("position", "name"))
