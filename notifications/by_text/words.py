"""What a text message says, in as few short messages as its content allows."""

from __future__ import annotations

from typing import Final, Literal

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.channels.base import Message

ONE_TEXT: Final = 160
"""Characters of one short message in the GSM alphabet (3GPP TS 23.038)."""
SHORTEST_HEADLINE: Final = 70
"""Never cut what happened shorter than this: a second short message costs less than a riddle."""
LONGEST_QUESTION: Final = 200
"""What is approved has to be read before it is answered: two or three short messages are worth that."""
LONGEST_LINE: Final = 45
"""Characters of one page in a text about several."""
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
        if message.together:
            return _several(message)
        if not message.answerable:
            parts = [message.headline, message.sentence, message.link]
            if message.kind == "verification":
                parts = [message.sentence]
            return _plain(" ".join(part for part in parts if part))
        if message.question:
            return _plain(_question_of(message))
        how = _("Reply 1 to acknowledge, 2 to escalate, 9 if you can't. Code %(code)s") % {"code": message.code}
        rest = f". {message.sentence + ' ' if message.sentence else ''}{how} {message.link}"
        room = max(ONE_TEXT - len(rest), SHORTEST_HEADLINE)
        return _plain(cut(message.headline.rstrip("."), room) + rest)


def how_to_answer(page_code: str, *, pin: Literal["", "needed", "missing"]) -> str:
    """Return how a page's question is answered by text, in the language that is active."""
    code = {"code": page_code}
    if pin == "needed":
        return _("Reply APPROVE %(code)s and your PIN, or DENY %(code)s.") % code
    if pin == "missing":
        return _("Approving needs a PIN, and you have set none: use the link. To say no, reply DENY %(code)s.") % code
    return _("Reply APPROVE %(code)s or DENY %(code)s.") % code


def line_of(message: Message) -> str:
    """Return how a page stands in a text about several: its code, and what it is about."""
    return _plain(f"{message.code} {cut(message.headline.rstrip('.'), LONGEST_LINE)}")


def _several(message: Message) -> str:
    pages = (message, *message.together)
    return _plain(
        _("%(count)d pages: %(pages)s. Reply 1 for all, or 1 and a code for one.")
        % {"count": len(pages), "pages": "; ".join(line_of(each) for each in pages)}
    )


def _question_of(message: Message) -> str:
    others = _("1: only seen, 2: next person, 9: can't.")
    how = how_to_answer(message.code, pin=message.pin)
    headline = cut(message.headline.rstrip("."), SHORTEST_HEADLINE)
    parts = [f"{headline}.", cut(message.question, LONGEST_QUESTION), message.sentence, how, others, message.link]
    return " ".join(part for part in parts if part)


def cut(text: str, room: int) -> str:
    """Return `text` in at most `room` characters, with three dots where something is missing."""
    return text if len(text) <= room else text[: room - 3].rstrip() + "..."


def _plain(text: str) -> str:
    return text.translate(_PLAIN)
