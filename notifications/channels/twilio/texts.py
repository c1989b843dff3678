"""What a text message says, in as few short messages as its content allows."""

from __future__ import annotations

from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.channels.base import Message

ONE_TEXT: Final = 160
"""Characters of one short message in the GSM alphabet (3GPP TS 23.038)."""
SHORTEST_HEADLINE: Final = 70
"""Never cut what happened shorter than this: a second short message costs less than a riddle."""
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        **dict.fromkeys("\u2018\u2019", "'"),
        **dict.fromkeys("\u2013\u2014", "-"),
        "\u2026": "...",
        "\u00a0": " ",
    }
)
"""Typographic marks outside the GSM alphabet: one of them would cut a short message from 160 to 70 characters."""


def text_of(message: Message) -> str:
    """Return the text: what happened, how to answer, the link."""
    with translation.override(message.language):
        if not message.answerable:
            parts = [message.headline, message.sentence, message.link]
            if message.kind == "verification":
                parts = [message.sentence]
            return _plain(" ".join(part for part in parts if part))
        how = _("Reply 1 to acknowledge, 2 to escalate, 9 if you can't. Code %(code)s") % {"code": message.code}
        rest = f". {message.sentence + ' ' if message.sentence else ''}{how} {message.link}"
        room = max(ONE_TEXT - len(rest), SHORTEST_HEADLINE)
        return _plain(_cut(message.headline.rstrip("."), room) + rest)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 3].rstrip() + "..."


def _plain(text: str) -> str:
    return text.translate(_PLAIN)
