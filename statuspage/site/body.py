"""What people wrote, as HTML: paragraphs and web addresses, nothing else. And figures as words."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Final

from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]]+", re.IGNORECASE)
AFTER_A_SENTENCE: Final = ".,;:!?"
DAYS_WRITTEN: Final = {"de": "j. F Y", "es": r"j \d\e F \d\e Y"}
"""Django's own English form puts the month first, which readers outside America take for the day."""
BLANK: Final = re.compile(r"\n[^\S\n]*\n\s*")


def paragraphs(text: str) -> SafeString:
    """Return plain text as paragraphs; single line ends stay, `http` and `https` addresses become links."""
    parts = BLANK.split(text.replace("\r\n", "\n").strip())
    return SafeString("".join(f"<p>{_linked(part)}</p>" for part in parts if part))


def printable(text: str) -> str:
    """Leave out what XML can't carry (XML 1.0, 2.2): control characters other than tab and line ends."""
    return "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))


def web_address(text: str) -> str:
    """Return an address that may stand in a link, "" for one that is none of the web's (`javascript:` and the like)."""
    return text if ADDRESS.fullmatch(text) else ""


def span(seconds: float) -> str:
    """Return a length of time with its two greatest units; the signs are the same in all our languages."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60 % 60, whole // 3600 % 24, whole // 86400
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def day(at: date, *, short: bool = False) -> str:
    """Return a day as the active language writes it: "3 November 2026", `short` "3 Nov 2026"."""
    written = DAYS_WRITTEN.get(get_language() or "en", "j F Y")
    return str(date_format(at, "j M Y" if short else written))


def percent(value: float) -> str:
    """Return a percentage with two decimals, rounded down so that 100 means every second of it."""
    return str(number_format(math.floor(value * 100 + 1e-6) / 100, decimal_pos=2))


def _linked(text: str) -> str:
    pieces, done = [], 0
    for found in ADDRESS.finditer(text):
        address = _without_the_sentence(found.group())
        pieces.append(escape(text[done : found.start()]))
        pieces.append(format_html('<a href="{}" rel="nofollow noopener">{}</a>', address, address))
        done = found.start() + len(address)
    pieces.append(escape(text[done:]))
    return "".join(pieces).replace("\n", "<br>")


def _without_the_sentence(address: str) -> str:
    """Cut what belongs to the sentence around an address: its full stop, and a bracket that was opened before it."""
    end = len(address)
    opened = "(" in address
    while end and (address[end - 1] in AFTER_A_SENTENCE or (address[end - 1] == ")" and not opened)):
        end -= 1
    return address[:end]
