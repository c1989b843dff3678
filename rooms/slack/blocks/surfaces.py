"""What blocks stand on: a message, a modal, somebody's Home tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rooms.slack.blocks.parts import Block, BrokenBlockError, checked, context, plain
from rooms.slack.blocks.text import NOTHING, Markup, escape, fit

MOST_IN_MESSAGE: Final = 50
MOST_IN_VIEW: Final = 100
LONGEST_TEXT: Final = 3900
"""Slack wants a message's text under 4000 characters."""
LONGEST_TITLE: Final = 24
LONGEST_METADATA: Final = 3000


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message's words: `text` for notifications and readers of screens, `blocks` for everybody else."""

    text: str
    blocks: tuple[Block, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """Return it as arguments of chat.postMessage, chat.update and chat.postEphemeral."""
        return {"text": self.text, "blocks": list(self.blocks)} if self.blocks else {"text": self.text}


def message(text: str, blocks: Sequence[Block] = (), *, more: Markup | None = None) -> Message:
    """Return a message of at most 50 blocks; where some are left out, `more` stands in their place."""
    kept = _kept(blocks, most=MOST_IN_MESSAGE, more=more)
    return Message(text=fit(escape(text), LONGEST_TEXT) or NOTHING, blocks=tuple(kept))


def modal(
    *, title: str, callback: str, blocks: Sequence[Block], submit: str = "", close: str, metadata: str = ""
) -> Block:
    """Return a modal: `callback` names what a submission means, `metadata` comes back with it (never shown)."""
    view: Block = {
        "type": "modal",
        "callback_id": checked(callback),
        "title": plain(title, LONGEST_TITLE),
        "close": plain(close, LONGEST_TITLE),
        "blocks": _kept(blocks, most=MOST_IN_VIEW, more=None),
    }
    if submit:
        view["submit"] = plain(submit, LONGEST_TITLE)
    if metadata:
        view["private_metadata"] = checked(metadata, most=LONGEST_METADATA)
    return view


def home(blocks: Sequence[Block], *, more: Markup | None = None) -> Block:
    """Return somebody's Home tab of at most 100 blocks; where some are left out, `more` stands in their place."""
    return {"type": "home", "blocks": _kept(blocks, most=MOST_IN_VIEW, more=more)}


def _kept(blocks: Sequence[Block], *, most: int, more: Markup | None) -> list[Block]:
    names = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(names)) < len(names):
        raise BrokenBlockError(f"The blocks {names} are not all different.")
    if len(blocks) <= most:
        return list(blocks)
    return [*blocks[: most - 1], context(more or Markup(NOTHING))]
