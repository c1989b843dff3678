"""The duty "musters": the news of incidents' pages, and the deadlines of their tiers."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from engine.duties import Duty, Tick
from incidents.models import Incident, MusterSeat, MusterTier
from incidents.operations.locking import lock_incident
from incidents.operations.review_muster import review_muster
from incidents.subject import DUTY
from notifications.operations.alarm_administrators import alarm_administrators
from web.errors import NotFound

BATCH: Final = 200
WAITING: Final = (MusterSeat.State.CALLED, MusterSeat.State.DELIVERED)

log = structlog.get_logger(__name__)

# News that can change nothing here are most of them in a storm: a page of an incident without muster was called. One
# statement sees recheck and page as of one commit, so nothing that matters is dismissed.
_DISMISS: Final = """
DELETE FROM notifications_pagerecheck WHERE id IN (
    SELECT recheck.id FROM notifications_pagerecheck AS recheck
    WHERE recheck.subject LIKE 'incident:%'
      AND NOT EXISTS (
        SELECT FROM incidents_incident AS incident
        WHERE incident.id = substr(recheck.subject, 10)::uuid
          AND (incident.muster_state <> 'none' OR incident.trouble <> ''))
      AND NOT EXISTS (
        SELECT FROM notifications_page AS page
        WHERE page.subject = recheck.subject AND (page.state IN ('acknowledged', 'exhausted') OR page.trouble <> ''))
    ORDER BY recheck.id LIMIT 2000 FOR UPDATE OF recheck SKIP LOCKED)
"""

# Only news that can change something: those that came since the dismissal wait for the next one.
_WAITING_NEWS: Final = """
SELECT substr(subject, 10) FROM notifications_pagerecheck AS recheck WHERE subject LIKE 'incident:%%'
  AND (EXISTS (
        SELECT FROM incidents_incident AS incident
        WHERE incident.id = substr(recheck.subject, 10)::uuid
          AND (incident.muster_state <> 'none' OR incident.trouble <> ''))
    OR EXISTS (
        SELECT FROM notifications_page AS page
        WHERE page.subject = recheck.subject AND (page.state IN ('acknowledged', 'exhausted') OR page.trouble <> '')))
GROUP BY subject ORDER BY min(id) LIMIT %s
"""

_CLAIM: Final = """
DELETE FROM notifications_pagerecheck WHERE id IN (
    SELECT id FROM notifications_pagerecheck WHERE subject = %s FOR UPDATE SKIP LOCKED)
"""


def review_musters(tick: Tick) -> int:
    """Take in news and deadlines, one incident per transaction; return how many incidents that were.

    An incident that fails keeps its news for the next look and stops no other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DISMISS)
        cursor.execute(_WAITING_NEWS, [BATCH])
        with_news = [row[0] for row in cursor.fetchall()]
    reviewed, failed = 0, 0
    for incident_id in dict.fromkeys([*with_news, *map(str, _overdue(tick.now))]):
        if tick.out_of_time():
            break
        try:
            reviewed += _review(incident_id, now=tick.now)
        except Exception:
            failed += 1
            log.exception("muster_review_failed", incident=incident_id)
    if failed:
        sentence = f"The musters of {failed} incidents can't be reviewed: who confirmed may not show. See the log."
        alarm_administrators(cause="musters-stuck", sentence=sentence, now=tick.now)
    return reviewed


def _overdue(now: datetime) -> list[UUID]:
    return list(_overdue_tiers(now).order_by("deadline").values_list("muster_id", flat=True)[:BATCH])


def _overdue_tiers(now: datetime) -> QuerySet[MusterTier, MusterTier]:
    """Return the tiers whose deadline is over and that were not looked at since."""
    own = MusterSeat.objects.filter(tier=OuterRef("pk"), stands_in_for__isnull=True, state__in=WAITING)
    return MusterTier.objects.filter(
        Q(Exists(own)) | Q(page_id__isnull=True),
        state=MusterTier.State.GATHERING,
        deadline__lte=now,
        muster__incident__status__in=Incident.OPEN,
    )


def _review(incident_id: str, *, now: datetime) -> int:
    with transaction.atomic():
        try:
            incident = lock_incident(incident_id)
        except NotFound:
            incident = None
        with connection.cursor() as cursor:
            # Claimed under the incident's lock: another engine that waited for it finds nothing left to do.
            cursor.execute(_CLAIM, [f"incident:{incident_id}"])
            claimed = cursor.rowcount
        if incident is None or not (claimed or _overdue_tiers(now).filter(muster=incident.pk).exists()):
            return 0
        review_muster(incident_id=incident.pk, now=now)
    return 1


MUSTERS: Final = Duty(name=DUTY, run=review_musters)
