"""The password that an owner chose: whether it will do, and its hash."""

from __future__ import annotations

import ctypes
from typing import Final, Literal

from eap.actions.base import Trouble

Scheme = Literal["sha512_crypt", "yescrypt", "bcrypt"]
LONGEST: Final = 128
"""FTP servers read a line of a few hundred bytes, and hashing takes longer with each byte."""
BCRYPT_READS: Final = 72
"""What comes after these bytes bcrypt does not look at."""
FEWEST_KINDS: Final = 5
"""Different characters: "aaaaaaaaaaaa" is no password of twelve."""
_SETTINGS: Final[dict[Scheme, tuple[bytes, int]]] = {
    # People choose worse than chance does: each costs some 50 ms, twenty times what a random secret needs.
    "sha512_crypt": (b"$6$", 100_000),
    "yescrypt": (b"$y$", 6),
    "bcrypt": (b"$2b$", 10),
}
_LIBRARIES: Final = ("libcrypt.so.1", "libcrypt.so.2")
_ROOM: Final = 256 * 1024
"""More than `struct crypt_data` takes in any C library."""


def refuse_weak(password: str, *, login: str, shortest: int, scheme: Scheme) -> None:
    """Raise a final `Trouble`, a sentence for the owner, when the password will not do."""
    if len(password) < shortest:
        raise Trouble(f"Choose a password of at least {shortest} characters.")
    most = BCRYPT_READS if scheme == "bcrypt" else LONGEST
    if len(password.encode()) > most:
        raise Trouble(f"Choose a password of at most {most} bytes.")
    if not password.isprintable():
        raise Trouble("Choose a password without line breaks and other control characters.")
    if login.casefold() in password.casefold():
        raise Trouble("Choose a password that does not hold the name of the account.")
    if len(set(password)) < FEWEST_KINDS:
        raise Trouble("Choose a password with more different characters.")


def hash_of(password: str, scheme: Scheme) -> str:
    """Return the hash in the form of crypt(3), with a new salt. Raises `Trouble` when this machine lacks the scheme."""
    made = _by_library(password, scheme)
    if made is not None:
        return made
    if scheme != "sha512_crypt":
        raise Trouble(f"This machine's C library can't make {scheme} hashes; choose sha512_crypt for this system.")
    from passlib.hash import sha512_crypt

    return str(sha512_crypt.using(rounds=_SETTINGS[scheme][1]).hash(password))


def _by_library(password: str, scheme: Scheme) -> str | None:
    """Ask libxcrypt; None where there is none, or one that does not know the scheme."""
    prefix, cost = _SETTINGS[scheme]
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
            gensalt, crypt = library.crypt_gensalt_rn, library.crypt_r
        except (OSError, AttributeError):
            continue
        gensalt.argtypes = [
            ctypes.c_char_p,
            ctypes.c_ulong,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_int,
        ]
        gensalt.restype = ctypes.c_char_p
        crypt.argtypes, crypt.restype = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p], ctypes.c_char_p
        # Without random bytes of ours it takes them from the kernel.
        setting = gensalt(prefix, cost, None, 0, ctypes.create_string_buffer(192), 192)
        made: bytes | None = crypt(password.encode(), setting, ctypes.create_string_buffer(_ROOM)) if setting else None
        if made and made.startswith(prefix):
            return made.decode("ascii")
    return None
