"""What a page says in a direct message: blocks with buttons, within Slack's limits, and the same as plain text."""

from __future__ import annotations

from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from notifications import page_links
from notifications.channels.base import Message

Block = dict[str, Any]
ANSWER_PREFIX: Final = "page"
"""The family of the buttons' action_ids: `page:acknowledge`, `page:approve` …"""
PURPOSE: Final = "slack"
"""What the buttons' signed values are for (`notifications.page_links`)."""
STAYING: Final = (f"{ANSWER_PREFIX}:approve", f"{ANSWER_PREFIX}:deny", "page_open")
"""Buttons that a message keeps when its page is over and it asked something besides."""
HEADER: Final = 150
SECTION: Final = 3000
BUTTON: Final = 75
TEXT: Final = 3900
"""Slack's limits: docs.slack.dev/reference/block-kit; a message's text is cut at 40 000 and should stay below 4000."""


def escaped(text: str) -> str:
    """Return text that Slack shows as it is: nothing in it is a link, a mention or a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def text_of(message: Message) -> str:
    """Return the message as notifications on phones show it, and clients that draw no blocks."""
    with translation.override(message.language):
        parts = [message.headline, message.question, message.sentence, message.link if message.page_id else ""]
        if message.kind == "verification":
            parts = [message.sentence]
        return _cut(escaped(" ".join(part for part in parts if part)), TEXT)


def blocks_of(message: Message) -> list[Block]:
    """Return the message as Slack draws it; buttons where somebody may answer."""
    with translation.override(message.language):
        blocks = _what_happened(message)
        if message.answerable:
            blocks.append({"type": "actions", "block_id": f"page-{message.delivery_id}", "elements": _buttons(message)})
        elif message.link:
            blocks.append({"type": "actions", "block_id": f"page-{message.delivery_id}", "elements": [_open(message)]})
        return blocks


def answered_blocks(message: Message, *, sentence: str) -> list[Block]:
    """Return the message after it was answered: what came of it instead of the buttons."""
    with translation.override(message.language):
        done = {"type": "section", "text": {"type": "mrkdwn", "text": f":white_check_mark: {_fit(sentence)}"}}
        return [*_what_happened(message), done]


def waits_for_answer(blocks: list[Block]) -> bool:
    """Tell whether a message still has the button that takes its page."""
    return f"{ANSWER_PREFIX}:acknowledge" in _names(blocks)


def without_answers(blocks: list[Block]) -> list[Block]:
    """Return the blocks of a message whose page needs no answer any more. What it asks besides can still be decided:
    those buttons stay, and who presses them too late is told."""
    asks = f"{ANSWER_PREFIX}:approve" in _names(blocks)
    kept: list[Block] = []
    for block in blocks:
        if block.get("type") != "actions":
            kept.append(block)
        elif asks:
            kept.append({**block, "elements": [each for each in block["elements"] if each.get("action_id") in STAYING]})
    sentence = _("Answered, or over: nothing is left to do here.")
    if asks:
        sentence = _("Nobody is called for this any more. What it asks may still wait for an answer.")
    return [*kept, {"type": "context", "elements": [{"type": "plain_text", "text": sentence}]}]


def _names(blocks: list[Block]) -> set[str]:
    rows = [block.get("elements") or [] for block in blocks if block.get("type") == "actions"]
    return {str(element.get("action_id", "")) for row in rows for element in row}


def _what_happened(message: Message) -> list[Block]:
    headline = message.headline
    if message.kind == "reminder":
        headline = _("Reminder: %(headline)s") % {"headline": headline}
    blocks: list[Block] = []
    if message.kind != "verification":
        blocks.append({"type": "header", "text": {"type": "plain_text", "text": _cut(headline, HEADER) or "Muster"}})
    said = [message.question, message.sentence]
    # The header is cut short; whoever needs every word finds it below.
    if len(headline) > HEADER:
        said.insert(0, message.headline)
    if message.repeated:
        said.append(_("You may have got this before."))
    text = "\n".join(part for part in said if part)
    if text:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": _fit(text)}})
    return blocks or [{"type": "section", "text": {"type": "mrkdwn", "text": _fit(message.headline or "Muster")}}]


def _buttons(message: Message) -> list[Block]:
    token = page_links.sign(PURPOSE, message.delivery_id, expires_at=message.sent_at + page_links.LINK_AGE)
    buttons: list[Block] = []
    if message.question:
        buttons = [
            _button(_("Approve"), "approve", f"{token}|{message.seal}", style="primary"),
            _button(_("Deny"), "deny", f"{token}|{message.seal}", style="danger"),
        ]
    first = "" if message.question else "primary"
    buttons += [
        _button(_("Acknowledge"), "acknowledge", token, style=first),
        _button(_("Escalate"), "escalate", token),
        _button(_("I can't"), "decline", token),
    ]
    return [*buttons, _open(message)] if message.link else buttons


def _button(word: str, verb: str, value: str, *, style: str = "") -> Block:
    button: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": word[:BUTTON]},
        "action_id": f"{ANSWER_PREFIX}:{verb}",
        "value": value,
    }
    return {**button, "style": style} if style else button


def _open(message: Message) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": _("Open")[:BUTTON]},
        "action_id": "page_open",
        "url": message.link,
    }


def _fit(text: str) -> str:
    """Return text as mrkdwn within a section: escaping makes it longer, so it is cut until it fits."""
    room = SECTION - 40
    while len(escaped(_cut(text, room))) > SECTION - 40:
        room -= 100
    return escaped(_cut(text, room))


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "\u2026"
