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
        """Return `text` without any value learned so far, the longest first."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        return text


def _forms(value: str) -> set[str]:
    encoded = base64.b64encode(value.encode()).decode()
    return {
        value,
        encoded,
        encoded.rstrip("="),
        base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
    }
