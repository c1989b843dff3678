"""The fields of a modal. A field's block and its element have names of our own: `state.values[name]["value"]`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rooms.slack.blocks.elements import LONGEST_PLACEHOLDER, Option, checkbox, options_select, users_select
from rooms.slack.blocks.parts import Block, checked, plain
from rooms.slack.blocks.text import clip

VALUE: Final = "value"
"""The action id of every field's element."""
LONGEST_NOTE: Final = 2000
LONGEST_TYPED: Final = 3000


def text_input(
    name: str,
    label: str,
    *,
    initial: str = "",
    hint: str = "",
    placeholder: str = "",
    most: int = LONGEST_TYPED,
    multiline: bool = False,
    optional: bool = False,
) -> Block:
    """Return a field for text of at most `most` characters (3000 in Slack); `initial` is cut to that."""
    most = min(most, LONGEST_TYPED)
    element: Block = {"type": "plain_text_input", "action_id": VALUE, "max_length": most}
    if multiline:
        element["multiline"] = True
    if initial.strip():
        element["initial_value"] = clip(initial, most)
    if placeholder:
        element["placeholder"] = plain(placeholder, LONGEST_PLACEHOLDER)
    return _input(name, label, element, hint=hint, optional=optional)


def select_input(
    name: str,
    label: str,
    options: Sequence[Option],
    *,
    placeholder: str,
    chosen: str = "",
    hint: str = "",
    optional: bool = False,
) -> Block:
    """Return a field to choose one of up to 100 options."""
    element = options_select(VALUE, options, placeholder=placeholder, chosen=chosen)
    return _input(name, label, element, hint=hint, optional=optional)


def users_input(name: str, label: str, *, placeholder: str, hint: str = "") -> Block:
    """Return a field to choose somebody of the workspace."""
    return _input(name, label, users_select(VALUE, placeholder=placeholder), hint=hint, optional=False)


def checkbox_input(name: str, label: str, option: Option, *, hint: str = "") -> Block:
    """Return a field with one box to tick or not."""
    return _input(name, label, checkbox(VALUE, option), hint=hint, optional=True)


def _input(name: str, label: str, element: Block, *, hint: str, optional: bool) -> Block:
    made: Block = {
        "type": "input",
        "block_id": checked(name),
        "label": plain(label, LONGEST_NOTE),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = plain(hint, LONGEST_NOTE)
    return made
