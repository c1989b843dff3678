"""From django-anymail's events to what this folder knows."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from notifications.channels.email import bounces
from notifications.channels.email.inbound import Mail
from notifications.channels.email.own_words import text_of_html
from notifications.channels.email.tracking import MailEvent

RECIPIENT_HEADERS: Final = ("To", "Cc", "Delivered-To", "X-Original-To", "X-Forwarded-To")
AUTOMATIC: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
WRITTEN_BY_PROGRAMS: Final = ("X-Autoreply", "X-Autorespond", "X-MS-Exchange-Generated-Message-Source", "List-Id")
"""Headers of absence notes and lists that say nothing in the words of RFC 3834."""


def event_from(event: Any, *, provider: str) -> MailEvent | None:
    """Return a tracking event; None for one without a recipient, and for anything else (a combined webhook's mail)."""
    if not getattr(event, "recipient", None):
        return None
    metadata = event.metadata or {}
    stamp = event.timestamp.isoformat() if event.timestamp else ""
    # The word is part of the key: some providers give several words about one mail the same id.
    key = f"{event.event_id or event.message_id or ''}:{event.event_type}:{event.recipient}:{stamp}"
    return MailEvent(
        provider=provider,
        word=str(event.event_type),
        recipient=str(event.recipient),
        key=hashlib.sha256(key.encode()).hexdigest(),
        ref=str(event.message_id or ""),
        reason=bounces.PASSES if bounces.passes(provider, event.esp_event) else str(event.reject_reason or ""),
        detail=" ".join(str(event.mta_response or event.description or "").split())[:200],
        delivery_id=_number(metadata.get("delivery")),
        fence=_number(metadata.get("fence")),
    )


def mail_from(event: Any, *, provider: str) -> Mail:
    """Return a mail that came. Its own words are what the provider left of it without quotes, where it does that; of a
    mail that is nothing but HTML, what stands before its quotes."""
    message = event.message
    sender = message.from_email
    recipients = [str(message.envelope_recipient or "")]
    for name in RECIPIENT_HEADERS:
        recipients += [each.addr_spec for each in message.get_address_header(name)]
    key = str(message.get("Message-ID") or event.event_id or "")
    return Mail(
        provider=provider,
        key=f"mail:{hashlib.sha256(key.encode()).hexdigest()}",
        sender=getattr(sender, "addr_spec", "") if sender else "",
        recipients=tuple(filter(None, recipients)),
        text=message.stripped_text or message.text or text_of_html(message.stripped_html or message.html or ""),
        automatic=_is_automatic(message),
    )


def _is_automatic(message: Any) -> bool:
    """Tell whether a program wrote it: an absence note, a list, a mail that came back (RFC 3834 sections 2 and 3.3)."""
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    marked = any(name in message for name in WRITTEN_BY_PROGRAMS)
    # Nobody to return it to: a program that takes care not to be answered.
    nobodys = message.envelope_sender in ("", "<>") or str(message.get("Return-Path", "")).strip() == "<>"
    return submitted != "no" or precedence in AUTOMATIC or marked or nobodys


def _number(text: object) -> int:
    return int(str(text)) if str(text).isdecimal() and len(str(text)) < 19 else 0
