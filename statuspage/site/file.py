"""A file of the published tree, and the order in which files are written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Phase(IntEnum):
    """Files of a lower phase are in place before one of a higher phase is written, so that no link leads nowhere."""

    ASSETS = 0
    DETAILS = 1
    JSON = 2
    INDEX = 3


@dataclass(frozen=True, kw_only=True)
class File:
    """One file: `path` relative to the root of the tree.

    `key` names what the body was made from: a published file of the same path and key may stay. It is "" for what is
    made anew each time.
    """

    path: str
    body: bytes
    content_type: str
    phase: Phase
    key: str = ""


Reuse = Callable[[str, str], bool]
"""`reuse(path, key)`: True when the last publication holds `path` made from `key` and keeps it; it is then not made."""

WHATEVER: Final = "*"
"""A key that asks for what stands at a path, however old: it is kept until there is time to make it anew."""


def never(_path: str, _key: str) -> bool:
    """Reuse nothing."""
    return False


def key_of(*parts: object) -> str:
    """Return a short digest of what a file is made from. Parts are plain values or pieces, told by their `repr`."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
