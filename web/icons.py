"""The icons that exist: the symbols of one sprite file, so that a name with a typing error fails where it stands."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

SPRITE: Final = "web/icons.svg"
_FILE: Final = Path(__file__).resolve().parent / "static" / SPRITE


class UnknownIconError(LookupError):
    """There is no such drawing in the sprite."""


@cache
def names() -> frozenset[str]:
    """Return the names of all icons in the sprite."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', _FILE.read_text(encoding="utf-8")))


def checked(name: str) -> str:
    """Return `name`; raise `UnknownIconError` when the sprite has no such icon."""
    if name not in names():
        raise UnknownIconError(f"There is no icon {name!r} in {SPRITE}. Draw it there or choose one of /look/icons/.")
    return name
