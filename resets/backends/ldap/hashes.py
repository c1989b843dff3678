"""What stands in `userPassword`: markers, and hashes that were put out of force."""

from __future__ import annotations

from typing import Final

CRYPT: Final = b"{CRYPT}"
MARKER: Final = b"{CRYPT}!*muster."
"""crypt(3) never returns a text that begins with `!`, so nothing fits it."""
OUT_OF_FORCE: Final = b"{CRYPT}!"
PLAIN: Final = b"{CLEARTEXT}"
"""Stands before what had no scheme; the directory itself reads no such scheme, so it goes again."""


def marker(generation: int) -> bytes:
    """Return what takes the place of a hash that a reset locks."""
    return MARKER + str(generation).encode()


def is_marker(value: bytes) -> bool:
    """Return whether a reset, this or another, has put it there."""
    return value.upper().startswith(MARKER.upper())


def is_out_of_force(value: bytes) -> bool:
    """Return whether no password fits."""
    return value.upper().startswith(OUT_OF_FORCE)


def put_out_of_force(value: bytes) -> bytes:
    """Return a hash so that nothing fits it, and it can be brought back."""
    if is_out_of_force(value):
        return value
    if value.upper().startswith(CRYPT):
        return OUT_OF_FORCE + value[len(CRYPT) :]
    return OUT_OF_FORCE + (value if value.startswith(b"{") else PLAIN + value)


def bring_back(value: bytes) -> bytes:
    """Take `put_out_of_force` back. A marker stays one: no password is behind it."""
    if not is_out_of_force(value) or is_marker(value):
        return value
    rest = value[len(OUT_OF_FORCE) :]
    if rest.startswith(PLAIN):
        return rest[len(PLAIN) :]
    return rest if rest.startswith(b"{") else CRYPT + rest


def ready(value: str) -> bytes:
    """Return a crypt(3) hash as a directory keeps it."""
    return CRYPT + value.encode("ascii")
