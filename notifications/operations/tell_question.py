"""Remember what a number was told that a page asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from notifications.models import QuestionTold

PIN_FOR: Final = timedelta(minutes=5)
"""How long after it was asked for a bare number is taken for the PIN."""


def told(*, page_id: UUID | str, address: str, seal: str, now: datetime) -> None:
    """Note that a text to `address` has just described what `seal` stands for. A PIN is not awaited any more."""
    QuestionTold.objects.update_or_create(
        page_id=page_id, address=address, defaults={"seal": seal, "told_at": now, "pin_asked_at": None}
    )


def seal_told(*, page_id: UUID, address: str) -> str:
    """Return what stands for the question as `address` was last told it, "" when it never was."""
    row = QuestionTold.objects.filter(page=page_id, address=address).values_list("seal", flat=True).first()
    return row or ""


def await_pin(*, page_id: UUID, address: str, now: datetime) -> None:
    """Take the next bare number from `address` for the PIN, whatever other page awaited one before."""
    QuestionTold.objects.filter(address=address, pin_asked_at__isnull=False).update(pin_asked_at=None)
    QuestionTold.objects.filter(page=page_id, address=address).update(pin_asked_at=now)


def await_no_pin(*, address: str) -> None:
    """Take a bare number from `address` for a page's code again."""
    QuestionTold.objects.filter(address=address, pin_asked_at__isnull=False).update(pin_asked_at=None)


def code_awaiting_pin(*, address: str, now: datetime) -> str:
    """Return the code of the page for which `address` was asked for a PIN within five minutes, "" for none."""
    row = QuestionTold.objects.filter(address=address, pin_asked_at__gt=now - PIN_FOR).select_related("page").first()
    return row.page.code if row is not None else ""
