"""A server's name as a file's name: safe on every file system, in every address, and of its own."""

from __future__ import annotations

import hashlib
import re
from typing import Final

LONGEST: Final = 60
_DIGITS: Final = 10
_PLAIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_MADE: Final = re.compile(rf".*-[0-9a-f]{{{_DIGITS}}}")
_OTHER: Final = re.compile(r"[^a-z0-9.-]+")
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "index", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
)
"""Names of devices on Windows, where somebody may keep a copy of the files, and the index's own."""


def safe_name(name: str) -> str:
    """Return the file name (without ending) for a server's name.

    A name of lower-case letters, digits, hyphens and single dots is its own. Any other gets what is left of it and ten
    digits of its SHA-256, so that "Web 1" and "web-1", or "../../x" and "x", never meet: what is made that way is never
    somebody's own name.
    """
    if _stands_for_itself(name):
        return name
    kept = re.sub(r"\.{2,}", ".", _OTHER.sub("-", name.lower())).strip(".-")[:LONGEST].strip(".-")
    if not kept or kept.partition(".")[0] in _RESERVED:
        kept = f"server-{kept}".rstrip("-")
    return f"{kept}-{hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]}"


def _stands_for_itself(name: str) -> bool:
    if len(name) > LONGEST or not _PLAIN.fullmatch(name) or _MADE.fullmatch(name) or ".." in name:
        return False
    return name.partition(".")[0] not in _RESERVED
