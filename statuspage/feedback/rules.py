"""What a comment may be, and when reports are more than chance. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_COMMENT: Final = 1000
LONGEST_NAME: Final = 60
LONGEST_REPLY: Final = 2000
MOST_LINKS: Final = 1
"""One may lead to a picture of the error; comments with more are advertisements."""
SPIKE_LEAST: Final = 5
"""Reports within 15 minutes from different places. Fewer is one office behind two lines."""
SPIKE_TIMES: Final = 4
"""Times what is usual: customers report now and then without anything being wrong."""

_LINK: Final = re.compile(r"https?://|www\.|\b[a-z0-9-]+\.(?:com|net|org|ru|cn|xyz|top|info|biz)\b", re.IGNORECASE)
_BLANK_LINES: Final = re.compile(r"\n{3,}")


class UnfitComment(Exception):
    """The words can't be taken; the message says why, as the person who wrote them should read it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


EMPTY: Final = "empty"
TOO_LONG: Final = "too long"
TOO_MANY_LINKS: Final = "too many links"


def cleaned(text: str) -> str:
    """Return words without control and direction characters, blanks around, and more than one blank line in a row."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        each for each in lines if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in kept.split("\n"))).strip()


def fit_comment(text: str) -> str:
    """Return the words of a comment as they are kept. Raises `UnfitComment` with one of the reasons above."""
    words = cleaned(text)
    if not words:
        raise UnfitComment(EMPTY)
    if len(words) > LONGEST_COMMENT:
        raise UnfitComment(TOO_LONG)
    if len(_LINK.findall(words)) > MOST_LINKS:
        raise UnfitComment(TOO_MANY_LINKS)
    return words


def fit_name(name: str) -> str:
    """Return a name as it is kept: one line, cut at its limit."""
    return " ".join(cleaned(name).split())[:LONGEST_NAME]


def is_spike(*, lately: int, usual: float) -> bool:
    """Tell whether so many reports in 15 minutes are more than chance, where `usual` is the mean of 15 minutes."""
    return lately >= SPIKE_LEAST and lately >= SPIKE_TIMES * usual
