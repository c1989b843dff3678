"""A mail taken apart: subject, text, HTML, headers."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table"})
SILENT = frozenset({"script", "style", "head", "title"})


@dataclass(frozen=True, kw_only=True)
class Parts:
    subject: str
    text: str
    html: str
    headers: list[list[str]]


def parse(raw: bytes) -> Parts:
    """The parts of a mail. A mail without a plain text gets the text of its HTML."""
    message = message_from_bytes(raw, policy=policy.default)
    html, text = _content(message, "html"), _content(message, "plain")
    return Parts(
        subject=str(message.get("Subject", "")),
        text=text or _text_of(html),
        html=html,
        headers=[[name, str(value)] for name, value in message.items()],
    )


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError, ValueError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        if tag in BLOCKS:
            self.pieces.append("\n")
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.pieces.append(f" {target} ")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data.replace("\n", " "))


def _text_of(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)
