"""The blocks of messages and views. Limits: Slack's Block Kit reference, one constant each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rooms.slack.blocks.text import NOTHING, Markup, clip, fit

Block = dict[str, Any]
"""One block or element, as Slack takes it."""

LONGEST_ID: Final = 255
LONGEST_SECTION: Final = 3000
LONGEST_FIELD: Final = 2000
MOST_FIELDS: Final = 10
LONGEST_HEADER: Final = 150
MOST_IN_ACTIONS: Final = 25
MOST_IN_CONTEXT: Final = 10
LONGEST_CONTEXT: Final = 2000


class BrokenBlockError(ValueError):
    """A block that our own code made wrongly: an id too long, the same one twice. Never what somebody typed."""


def plain(text: str, most: int) -> Block:
    """Return a text object without any formatting, cut to `most`."""
    return {"type": "plain_text", "text": clip(text, most) or NOTHING, "emoji": False}


def mrkdwn(markup: Markup, most: int) -> Block:
    """Return a text object with formatting, cut to `most`. Names and addresses in it are left as they are."""
    return {"type": "mrkdwn", "text": fit(markup, most) or NOTHING, "verbatim": True}


def checked(name: str, *, most: int = LONGEST_ID) -> str:
    """Return an id or value of our own; raise `BrokenBlockError` for an empty one or one beyond `most` characters."""
    if not name or len(name) > most:
        raise BrokenBlockError(f"{name[:60]!r} has {len(name)} characters; 1 to {most} are possible.")
    return name


def header(text: str) -> Block:
    """Return a headline: plain text."""
    return {"type": "header", "text": plain(text, LONGEST_HEADER)}


def section(
    text: Markup, *, fields: Sequence[Markup] = (), accessory: Block | None = None, block_id: str = ""
) -> Block:
    """Return a paragraph, with up to ten short fields in two columns below it (more are left out)."""
    made: Block = {"type": "section", "text": mrkdwn(text, LONGEST_SECTION)}
    if fields:
        made["fields"] = [mrkdwn(field, LONGEST_FIELD) for field in fields[:MOST_FIELDS]]
    if accessory is not None:
        made["accessory"] = accessory
    return _named(made, block_id)


def context(*texts: Markup) -> Block:
    """Return a line of small print, at most ten pieces."""
    return {"type": "context", "elements": [mrkdwn(text, LONGEST_CONTEXT) for text in texts[:MOST_IN_CONTEXT]]}


def actions(*elements: Block, block_id: str = "") -> Block:
    """Return a row of buttons and selects, at most 25; raise `BrokenBlockError` for none, or one action twice."""
    if not elements or len(elements) > MOST_IN_ACTIONS:
        raise BrokenBlockError(f"A row of {len(elements)} elements; 1 to {MOST_IN_ACTIONS} are possible.")
    names = [element["action_id"] for element in elements]
    if len(set(names)) < len(names):
        raise BrokenBlockError(f"The actions {names} are not all different.")
    return _named({"type": "actions", "elements": list(elements)}, block_id)


def divider() -> Block:
    """Return a line between two parts."""
    return {"type": "divider"}


def _named(block: Block, block_id: str) -> Block:
    if block_id:
        block["block_id"] = checked(block_id)
    return block
