"""Cancel pages: what they were about is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.transaction import TransactionManagementError

from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.outbox import withdraw
from notifications.operations.page_news import PageNews
from notifications.queries import OPEN_STATES


def cancel_pages(
    *,
    reason: Page.CancelReason | str,
    by: Actor,
    now: datetime,
    subject: str = "",
    page_ids: Iterable[UUID | str] = (),
) -> int:
    """End every open page of a subject, or these pages and their fallbacks, and withdraw their messages.

    Returns how many. `reason` is resolved, merged or declined. Pages that ended otherwise stay as they ended. Locks the
    pages by id, their deliveries, then the ledger's head: an operation calls it before it appends to the ledger itself,
    because somebody who answers holds a page and waits for the head.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Pages are cancelled inside the transaction of what ended.")
    ids = list(page_ids)
    about = Q(subject=subject) if subject else Q(pk__in=ids) | Q(fallback_of__in=ids)
    pages = list(Page.objects.filter(about, state__in=OPEN_STATES).order_by("pk").select_for_update(no_key=True))
    if not pages:
        return 0
    news = PageNews(by=by, now=now)
    for page in pages:
        page.state, page.cancel_reason = Page.State.CANCELLED, reason
        page.ended_at, page.next_step_at = now, None
        news.say(page, "page.cancelled", payload={"reason": str(reason), "title": page.title})
    Page.objects.bulk_update(pages, ["state", "cancel_reason", "ended_at", "next_step_at"])
    withdraw(page_ids=[page.pk for page in pages], reason=f"cancelled: {reason}", now=now)
    news.publish()
    return len(pages)
