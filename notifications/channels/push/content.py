"""What a notification says and can do: the words are ours, in the person's language; the browser only shows them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.translation import gettext as _

from notifications import page_links
from notifications.channels.base import Message

TITLE: Final = 150
BODY: Final = 400
"""Characters. A push carries at most 4096 bytes (RFC 8030 section 7.2), and a phone shows fewer than that."""


def content_of(message: Message) -> bytes:
    """Return what the service worker (worker.js) shows. Addresses are paths on our own origin, or the page's link."""
    with translation.override(message.language):
        content: dict[str, Any] = {
            "title": _title(message)[:TITLE],
            "body": _body(message)[:BODY],
            "tag": tag_of(message),
            "lang": message.language,
            "urgent": message.urgency == "high" and message.answerable,
            "at": int(message.sent_at.timestamp() * 1000),
            "link": _path(message.link) or "/",
            "words": {
                "failed": _("Your answer did not get through. Tap to open the page."),
                "thanks": _("You have acknowledged it."),
            },
        }
        if message.delivery_id:
            content["receipt"] = f"/push/received/{_token('push-received', message)}/{message.fence}"
        if message.answerable:
            content["answer"] = f"/push/answer/{_token('push-answer', message)}"
            content["acknowledge"] = _("Acknowledge")
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def tag_of(message: Message) -> str:
    """Return what makes a later notification replace this one: its page, else the message alone."""
    return message.page_id.replace("-", "") or f"message-{message.delivery_id}"


def _title(message: Message) -> str:
    if _keeps_quiet(message):
        return _("Muster is calling you") if message.answerable else _("A message from Muster")
    return message.headline


def _keeps_quiet(message: Message) -> bool:
    """Tell whether a glance at the locked screen must not say what happened; the page behind it does."""
    return message.discreet and message.kind not in ("verification", "test")


def _body(message: Message) -> str:
    if _keeps_quiet(message):
        return _("Open to see what it is about.")
    parts = [message.sentence, message.question]
    if message.repeated:
        parts.append(_("This may reach you twice: the first try was not confirmed."))
    if not any(parts) and message.title != message.headline:
        parts.append(message.title)
    return " ".join(filter(None, parts))


def _token(purpose: str, message: Message) -> str:
    return page_links.sign(purpose, message.delivery_id, expires_at=message.sent_at + timedelta(hours=24))


def _path(link: str) -> str:
    return urlsplit(link).path
