"""Text from outside, made fit for storage and speech."""

from __future__ import annotations

import math
import re
from typing import Any, Final

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(value: object, limit: int) -> str:
    """Return `value` as text without control characters (PostgreSQL refuses NUL), at most `limit` characters."""
    text = _CONTROL.sub(" ", _encodable(str(value))).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def storable(value: Any) -> Any:
    """Return JSON data without what jsonb can't hold: NUL characters, lone surrogates, NaN and infinite numbers."""
    if isinstance(value, str):
        return _encodable(value).replace("\x00", "�")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # many tools' JSON has them, against the standard: a page must not be lost for one
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text
