"""What somebody wrote in a mail that is nothing but HTML: its text up to what they quote; pure."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

LINES: Final = frozenset({"p", "div", "br", "li", "tr", "table", "h1", "h2", "h3", "h4", "hr", "ul", "ol", "pre"})
"""Elements that begin and end a line."""
NOT_READ: Final = frozenset({"head", "style", "script", "title", "blockquote"})
QUOTES: Final = ("gmail_quote", "yahoo_quoted", "protonmail_quote", "moz-cite-prefix", "divrplyfwdmsg", "appendonsend")
"""Marks (class or id) by which mail programs begin what they quote; nothing of one's own follows."""


def text_of_html(html: str) -> str:
    """Return the lines of an HTML mail that are its writer's own, as far as mail programs mark what they quote."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.pieces)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unread: list[str] = []
        self._ended = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in NOT_READ:
            self._unread.append(tag)
        marks = " ".join(value or "" for name, value in attrs if name in ("class", "id")).lower()
        self._ended = self._ended or any(mark in marks for mark in QUOTES)
        self._begin_line(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            # Whatever was left open inside ends with it.
            del self._unread[self._unread.index(tag) :]
        self._begin_line(tag)

    def handle_data(self, data: str) -> None:
        if not self._unread and not self._ended:
            self.pieces.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))

    def _begin_line(self, tag: str) -> None:
        if tag in LINES:
            self.pieces.append("\n")
