"""A message as an Adaptive Card: what happened, a few facts, a button that opens the page."""

from __future__ import annotations

from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.channels.base import Message

VERSION: Final = "1.4"
"""The newest schema that every Teams client draws (Microsoft, "Cards reference")."""
SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"
LONGEST_LINE: Final = 1000
"""A post has 28 KB in all, the most that Workflows take; nobody reads a longer line on a phone."""


def post_of(message: Message) -> dict[str, Any]:
    """Return the body that a Workflows webhook takes."""
    with translation.override(message.language):
        content = {
            "$schema": SCHEMA,
            "type": "AdaptiveCard",
            "version": VERSION,
            "msteams": {"width": "Full"},
            "body": [*_lines(message), _facts(message)],
            "actions": [_open(message)] if message.link else [],
        }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": content}]}


def _lines(message: Message) -> list[dict[str, Any]]:
    headline = _("Your code for Muster") if message.kind == "verification" else message.headline
    if message.kind == "reminder":
        headline = _("Reminder: %(headline)s") % {"headline": headline}
    lines = [_text(headline, size="large", weight="bolder")]
    lines += [_text(line) for line in (message.question, message.sentence) if line]
    if message.repeated:
        lines.append(_text(_("This may have reached you before.")))
    return lines


def _text(line: str, *, size: str = "default", weight: str = "default") -> dict[str, Any]:
    # A run of rich text, not a TextBlock: that one would read Markdown in what people wrote, and make links of it.
    run = {"type": "TextRun", "text": line[:LONGEST_LINE], "size": size, "weight": weight}
    return {"type": "RichTextBlock", "inlines": [run]}


def _facts(message: Message) -> dict[str, Any]:
    sent = message.sent_at.strftime("%Y-%m-%d %H:%M UTC")
    facts = [{"title": _("Sent"), "value": sent}]
    if message.page_id:
        facts.insert(0, {"title": _("Severity"), "value": f"SEV{message.severity}"})
    return {"type": "FactSet", "facts": facts}


def _open(message: Message) -> dict[str, Any]:
    title = _("Answer it") if message.answerable else _("Look at it")
    return {"type": "Action.OpenUrl", "title": title, "url": message.link}
