"""What people press and choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rooms.slack.blocks.parts import Block, BrokenBlockError, checked, plain

LONGEST_LABEL: Final = 75
LONGEST_VALUE: Final = 2000
LONGEST_URL: Final = 3000
LONGEST_OPTION_VALUE: Final = 150
LONGEST_PLACEHOLDER: Final = 150
MOST_OPTIONS: Final = 100
LONGEST_CONFIRM_TITLE: Final = 100
LONGEST_CONFIRM_TEXT: Final = 300
LONGEST_CONFIRM_BUTTON: Final = 30


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing to choose: `value` comes back, `label` is read."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Confirm:
    """What is asked once more before a button counts."""

    title: str
    text: str
    yes: str
    no: str


def button(
    label: str,
    action: str,
    *,
    value: str = "",
    style: Literal["", "primary", "danger"] = "",
    url: str = "",
    confirm: Confirm | None = None,
) -> Block:
    """Return a button; pressing it comes back as `action` with `value`. `url` opens a page as well."""
    made: Block = {"type": "button", "action_id": checked(action), "text": plain(label, LONGEST_LABEL)}
    if value:
        made["value"] = checked(value, most=LONGEST_VALUE)
    if style:
        made["style"] = style
    if url:
        made["url"] = checked(url, most=LONGEST_URL)
    if confirm is not None:
        made["confirm"] = {
            "title": plain(confirm.title, LONGEST_CONFIRM_TITLE),
            "text": plain(confirm.text, LONGEST_CONFIRM_TEXT),
            "confirm": plain(confirm.yes, LONGEST_CONFIRM_BUTTON),
            "deny": plain(confirm.no, LONGEST_CONFIRM_BUTTON),
        }
    return made


def options_select(action: str, options: Sequence[Option], *, placeholder: str, chosen: str = "") -> Block:
    """Return a list to choose one of (1 to 100; the ones behind are left out), `chosen` at first."""
    if not options:
        raise BrokenBlockError(f"Nothing to choose at {action!r}.")
    shown = [_option(option) for option in options[:MOST_OPTIONS]]
    made: Block = {
        "type": "static_select",
        "action_id": checked(action),
        "placeholder": plain(placeholder, LONGEST_PLACEHOLDER),
        "options": shown,
    }
    initial = next((option for option in shown if option["value"] == chosen), None)
    if initial is not None:
        made["initial_option"] = initial
    return made


def users_select(action: str, *, placeholder: str) -> Block:
    """Return a list of everybody in the workspace to choose one of."""
    return {
        "type": "users_select",
        "action_id": checked(action),
        "placeholder": plain(placeholder, LONGEST_PLACEHOLDER),
    }


def checkbox(action: str, option: Option) -> Block:
    """Return one box to tick."""
    return {"type": "checkboxes", "action_id": checked(action), "options": [_option(option)]}


def _option(option: Option) -> Block:
    return {"text": plain(option.label, LONGEST_LABEL), "value": checked(option.value, most=LONGEST_OPTION_VALUE)}
