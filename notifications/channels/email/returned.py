"""Mail of ours that came back: a report by a mail server (RFC 3464), sent to the address that the mail came from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from notifications.channels.email import bounces
from notifications.channels.email.inbound import Mail
from notifications.channels.email.reply_addresses import delivery_named
from notifications.channels.email.tracking import MailEvent
from notifications.models import Delivery


def returned(message: Any, mail: Mail, *, now: datetime) -> MailEvent | None:
    """Return what a report says about one of our mails; None for mail that is no report.

    The address the report went to names the delivery and proves that we sent it.
    """
    if message.get_content_type() != "multipart/report":
        return None
    delivery_id = delivery_named(mail.recipients, now=now)
    sent = Delivery.objects.filter(pk=delivery_id).first() if delivery_id else None
    if sent is None:
        return None
    for block in _blocks(message):
        action, status = str(block.get("Action", "")).strip().lower(), str(block.get("Status", "")).strip()[:12]
        word = {"failed": "bounced", "delayed": "deferred"}.get(action)
        if word:
            return MailEvent(
                provider=mail.provider,
                word=word,
                recipient=sent.address,
                key=mail.key,
                reason=_reason(status) if word == "bounced" else "",
                detail=" ".join(str(block.get("Diagnostic-Code", status)).split())[:200],
                delivery_id=sent.pk,
            )
    return None


def _blocks(message: Any) -> Iterator[Any]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from part.get_payload()


def _reason(status: str) -> str:
    return "other" if not status.startswith("5.") or status.startswith(bounces.NOT_THE_ADDRESS) else "bounced"
