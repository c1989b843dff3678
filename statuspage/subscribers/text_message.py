"""The text message about an update: what, how it stands, the link, in as few short messages as that takes."""

from __future__ import annotations

from typing import Final

from statuspage.subscribers.telling import Telling

LONGEST: Final = 306
"""Two joined short messages in the GSM alphabet (3GPP TS 23.040): each carries 153 then."""
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("^{}\\[~]|€\f")
"""Characters of the extension table: each counts as two."""
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2018\u2019\u201a", "'"),
        **dict.fromkeys("\u2013\u2014\u2212", "-"),
        "\u2026": "...",
        "\u00a0": " ",
        "\u202f": " ",
    }
)


def text_of(telling: Telling) -> str:
    """Return the text. The update's own words are cut, the name and the link are not."""
    head = f"{telling.page_name}: {telling.stage} - {telling.name}."
    words = " ".join(telling.text.split())
    room = LONGEST - len(head) - len(telling.url) - 2
    if len(words) > room:
        words = words[: max(0, room - 3)].rstrip() + "..." if room > 20 else ""
    return " ".join(part for part in (head, words, telling.url) if part).translate(_PLAIN)


def segments(text: str) -> int:
    """Return how many short messages a text is sent and paid as: 160 or 153 characters, 70 or 67 outside GSM."""
    if all(each in _GSM or each in _GSM_TWICE for each in text):
        units = sum(2 if each in _GSM_TWICE else 1 for each in text)
        return 1 if units <= 160 else -(-units // 153)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // 67)
