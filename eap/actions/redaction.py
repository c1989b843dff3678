"""Take secrets out of whatever is about to be stored or shown, where it is captured."""

from __future__ import annotations

import base64
import json
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "•••"
SHORTEST: Final = 6
"""Shorter values are refused as secrets: hiding "yes" everywhere would hide nothing and spoil every line."""


class Redaction:
    """Knows the values in use by one execution and hides them, also as base64, in URLs and in JSON."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def learn(self, value: str) -> str:
        """Hide `value` from now on, and each of its longer lines; return it."""
        for each in {value, *value.splitlines()}:
            if len(each) >= SHORTEST:
                self._values |= _forms(each)
        return value

    def clean(self, text: str) -> str:
        """Return `text` without any value learned so far, the longest first, and without the beginning of one at the
        end: a line may have been cut there."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        for value in self._values:
            text = _without_start_at_end(text, value)
        return text


def _without_start_at_end(text: str, value: str) -> str:
    at = text.find(value[:SHORTEST], max(0, len(text) - len(value)))
    while at >= 0:
        if value.startswith(text[at:]):
            return text[:at] + HIDDEN
        at = text.find(value[:SHORTEST], at + 1)
    return text


def _inside_base64(value: bytes) -> set[str]:
    """Return what a value looks like within longer text in base64, as in "user:password" of Basic authentication.

    It may begin at any of three places of a group; what its neighbours have a part in is left out at both ends.
    """
    found = {base64.b64encode(value).decode().rstrip("=")}
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + value).decode()
        whole = (before + len(value)) * 8 // 6
        found.add(encoded[-(-before * 8 // 6) : whole])
    return found | {each.translate(str.maketrans("+/", "-_")) for each in found}


def _forms(value: str) -> set[str]:
    return {
        value,
        value.encode().hex(),
        *_inside_base64(value.encode()),
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
    }
