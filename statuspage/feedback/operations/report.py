"""Somebody says that a component fails for them, or works."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from statuspage.models import Component, ComponentStatus, PublicIncident, Report
from statuspage.models.incident import UNRESOLVED_STAGES
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
    hitting = PublicIncident.objects.filter(
        page=page_id,
        kind="incident",
        status__in=UNRESOLVED_STAGES,
        published_at__isnull=False,
        discarded_at=None,
        affected__component=component_id,
        affected__recovered_at=None,
    ).exclude(affected__status=ComponentStatus.OPERATIONAL)
    return hitting.order_by("-started_at").values_list("pk", flat=True).first()
