"""Somebody says that a component fails for them, or works."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from statuspage.models import UNRESOLVED_STAGES, AffectedComponent, Component, ComponentStatus, Report
from web import live
from web.errors import BadInput, NotFound


def report(*, page_id: str, component_id: str, says: str, reporter: str, now: datetime) -> Report:
    """Count what one reporter (a keyed digest) says of a component; the same one counts once a day (UTC).

    The last word of the day counts, under the newest open incident that hits the component. Raises `NotFound` for a
    component that this page does not show, `BadInput` for other words. Locks nothing and is in no chain.
    """
    if says not in Report.Says.values:
        raise BadInput(_("Say either that it affects you or that it works."), errors={"says": "affected or works"})
    if not Component.objects.filter(pk=component_id, page=page_id, archived_at=None).exists():
        raise NotFound(_("There is no such component."))
    row, _fresh = Report.objects.update_or_create(
        component_id=component_id,
        reporter=reporter,
        day=now.date(),
        defaults={"says": says, "at": now, "public_incident_id": _incident(page_id, component_id)},
    )
    live.changed("feedback")
    return row


def forget_reports(*, before: datetime, at_most: int = 5_000) -> int:
    """Remove reports older than `before`, which nothing is compared with any more; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM statuspage_report WHERE id IN (SELECT id FROM statuspage_report WHERE at < %s"
            " LIMIT %s FOR UPDATE SKIP LOCKED)",
            [before, at_most],
        )
        return int(cursor.rowcount)


def _incident(page_id: str, component_id: str) -> str | None:
    hitting = AffectedComponent.objects.filter(
        component=component_id,
        recovered_at=None,
        public_incident__page=page_id,
        public_incident__kind="incident",
        public_incident__status__in=UNRESOLVED_STAGES,
        public_incident__published_at__isnull=False,
        public_incident__discarded_at=None,
    ).exclude(status=ComponentStatus.OPERATIONAL)
    newest = hitting.order_by("-public_incident__started_at")
    return newest.values_list("public_incident_id", flat=True).first()
