"""Texts from numbers that no page was sent to: floors above may know them, and register in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Text:
    """What came: `number` in E.164, `body` as it was typed, `verb` as `read_reply` understands it ("stop", "help",
    "acknowledge", "" …). `answered`: the provider has answered by itself, as it does to STOP."""

    number: str
    body: str
    verb: str
    answered: bool
    now: datetime


Hear = Callable[[Text], str | None]
"""Returns the words to send back, "" for none, None when the number means nothing to this floor. It runs inside the
transaction of the text's receipt, so that a double changes nothing."""

_known: Final[dict[str, Hear]] = {}


def register(name: str, hear_text: Hear) -> None:
    """Let `hear_text` look at texts of numbers that no page was sent to."""
    if _known.setdefault(name, hear_text) is not hear_text:
        raise ValueError(f"Two floors hear strangers as {name!r}.")


def hear(text: Text) -> str | None:
    """Return the answer of the first floor that knows the number, None when none does."""
    for hear_text in _known.values():
        answer = hear_text(text)
        if answer is not None:
            return answer
    return None
