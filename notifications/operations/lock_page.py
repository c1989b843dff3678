"""Lock the page that an operation is about to move."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.transaction import TransactionManagementError

from notifications.models import Page
from web.errors import NotFound


def lock_page(page_id: UUID | str) -> Page:
    """Return the page, locked (`FOR NO KEY UPDATE`) until the caller's transaction ends.

    Deliveries and responders are locked after it, the ledger's head last. Raises `NotFound`, and
    `TransactionManagementError` outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A page is moved inside a transaction, with its ledger entry and deliveries.")
    try:
        return Page.objects.select_for_update(no_key=True).get(pk=page_id)
    except (Page.DoesNotExist, ValidationError):
        raise NotFound("There is no such page.") from None


def lock_page_to_answer(page_id: UUID | str) -> Page:
    """Return the locked page that an answer to `page_id` means: for an exhausted one, the fallback still calling.

    Somebody who answers an old message means the thing itself, not that page. An exhausted page is never locked
    together with others elsewhere, so taking two locks here is safe.
    """
    page = lock_page(page_id)
    while page.state == Page.State.EXHAUSTED:
        fallback = page.fallbacks.select_for_update(no_key=True).order_by("-started_at").first()
        if fallback is None:
            break
        page = fallback
    return page
