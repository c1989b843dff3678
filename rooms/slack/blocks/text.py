"""Text for Slack: what people wrote is escaped, so that it can neither format, link nor call a whole channel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NewType

Markup = NewType("Markup", str)
"""Slack's mrkdwn, already escaped. Plain text becomes one by `escape` only."""

ELLIPSIS: Final = "…"
NOTHING: Final = "\u2013"
"""Slack refuses an empty text."""
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_IN_ADDRESS: Final = {**_ESCAPES, "|": "%7C"}
_LONGEST_ENTITY: Final = len("&amp;")
_FORMATS: Final = dict.fromkeys("*_~`", "\u200b")


def length(text: str) -> int:
    """Return the length in UTF-16 units, in which JavaScript counts: never less than in characters."""
    return len(text) + sum(character > "\uffff" for character in text)


def clip(text: str, most: int) -> str:
    """Return text of at most `most` UTF-16 units, a cut marked by an ellipsis; blanks around it are dropped."""
    kept = text.strip()
    if length(kept) <= most:
        return kept
    kept = kept[: most - 1]
    while length(kept) > most - 1:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def escape(text: str, *, most: int = 3000) -> Markup:
    """Return what a person wrote so that Slack shows exactly that, cut to `most` UTF-16 units after escaping."""
    return fit(Markup("".join(_ESCAPES.get(character, character) for character in text.strip())), most)


def fit(markup: Markup, most: int) -> Markup:
    """Return markup cut to `most` UTF-16 units, never in the middle of an entity or of a link."""
    if length(markup) <= most:
        return markup
    kept = str(clip(markup, most)).removesuffix(ELLIPSIS)
    if kept.rfind("<") > kept.rfind(">"):
        kept = kept[: kept.rfind("<")]
    entity = kept.rfind("&", max(0, len(kept) - _LONGEST_ENTITY + 1))
    if entity >= 0 and ";" not in kept[entity:]:
        kept = kept[:entity]
    # A quotation's mark of a line that was cut away.
    return Markup(kept.rstrip().removesuffix("\n>").rstrip() + ELLIPSIS)


def bold(text: str, *, most: int = 2000) -> Markup:
    """Return one line of text in bold; its own formatting marks would end that early and are left out."""
    return _styled(text, "*", most=most)


def italic(text: str, *, most: int = 2000) -> Markup:
    """Return one line of text in italics, as `bold` does."""
    return _styled(text, "_", most=most)


def quote(text: str, *, most: int = 2000) -> Markup:
    """Return text as a quotation, each of its lines marked."""
    escaped = escape(text, most=most)
    return Markup("\n".join(f"> {line}" for line in escaped.splitlines()) or NOTHING)


def link(url: str, label: str, *, most: int = 300) -> Markup:
    """Return a link with a label; `url` is one of our own addresses."""
    address = "".join(_IN_ADDRESS.get(character, character) for character in url)
    words = escape(" ".join((label.strip() or url).replace("|", "¦").split()), most=most)
    return Markup(f"<{address}|{words}>")


def mention(slack_user: str) -> Markup:
    """Return the mention of a Slack user by their id; Slack notifies them if they are in the channel."""
    return Markup(f"<@{escape(slack_user)}>")


def moment(at: datetime) -> Markup:
    """Return a time that each reader sees in their own time zone; UTC where a client can't."""
    return Markup(f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>")


def joined(*parts: str, by: str = " ") -> Markup:
    """Return pieces of markup as one, the empty ones left out."""
    return Markup(by.join(part for part in parts if part))


def lines(parts: Iterable[str]) -> Markup:
    """Return pieces of markup as lines, the empty ones left out."""
    return joined(*parts, by="\n")


def _styled(text: str, mark: str, *, most: int) -> Markup:
    plain = " ".join("".join(_FORMATS.get(character, character) for character in text).split())
    plain = plain.strip("\u200b ")
    return Markup(f"{mark}{escape(plain, most=most - 2)}{mark}" if plain else NOTHING)
