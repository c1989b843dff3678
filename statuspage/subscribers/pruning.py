"""What is of no use after its time: notices whose figures are kept, letters, those who never confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Count

from statuspage.models import Mailing, Notice, Subscriber
from statuspage.public_forms import prune_uses
from statuspage.subscribers.letters import prune_letters

NOTICES_KEPT_FOR: Final = timedelta(days=90)
CONFIRM_WITHIN: Final = timedelta(days=30)
"""An address that nobody confirmed for so long is forgotten."""
AT_ONCE: Final = 5_000


def prune(*, now: datetime) -> int:
    """Remove one batch of each; return how many rows went."""
    return prune_uses(now=now) + prune_letters(now=now) + _unconfirmed(now=now) + _old_notices(now=now)


def _unconfirmed(*, now: datetime) -> int:
    old = Subscriber.objects.filter(state=Subscriber.State.PENDING, asked_at__lt=now - CONFIRM_WITHIN)
    gone: int = Subscriber.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:AT_ONCE])).delete()[0]
    return gone


def _old_notices(*, now: datetime) -> int:
    old = Mailing.objects.filter(ended_at__lt=now - NOTICES_KEPT_FOR, notices__isnull=False).order_by("pk").first()
    if old is None:
        return 0
    if old.figures is None:
        rows = Notice.objects.filter(mailing=old).values_list("state").annotate(count=Count("pk"))
        old.figures = dict(rows)
        old.save(update_fields=["figures"])
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM statuspage_notice WHERE id IN"
            " (SELECT id FROM statuspage_notice WHERE mailing_id = %s ORDER BY id LIMIT %s)",
            [old.pk, AT_ONCE],
        )
        return int(cursor.rowcount)
