"""Note that somebody works on a subject: the silence of its acknowledged pages begins anew."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.transaction import TransactionManagementError

from notifications.models import Page
from notifications.page_trouble import policy_of
from notifications.rules.silence import remind_at


def note_activity(*, subject: str, now: datetime) -> int:
    """Restart the time to the reminder for every acknowledged page of a subject that has one; return how many.

    A snoozed page keeps its time. Locks the pages by id: like `cancel_pages` it goes before an operation's own ledger
    entries.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Activity is noted inside the transaction of what was done.")
    pages = list(
        Page.objects.filter(
            subject=subject, state=Page.State.ACKNOWLEDGED, next_step_at__isnull=False, snoozed_until=None
        )
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    for page in pages:
        page.reminded_at, page.next_step_at = None, remind_at(policy=policy_of(page), now=now)
    Page.objects.bulk_update(pages, ["reminded_at", "next_step_at"])
    return len(pages)
