"""A process that makes hashes of secrets nobody learns; a program of its own, so that little is loaded into it.

It reads how many are wanted, a number a line, and writes so many lines: sha512-crypt of 20 random characters each. The
secrets are made here and never leave; only hashes do. It ends with its standard input, so with whoever started it.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import string
import sys
from collections.abc import Callable
from typing import Final

LENGTH: Final = 20
ALPHABET: Final = string.ascii_letters + string.digits
"""20 of these 62 characters are 119 bits."""
SALTS: Final = "./" + ALPHABET
LIBRARIES: Final = ("libcrypt.so.1", "libcrypt.so.2")
ROOM: Final = 256 * 1024
"""More than `struct crypt_data` takes: 131,232 bytes in glibc, 32,768 in libxcrypt."""
KNOWN: Final = (
    b"Hello world!",
    b"$6$saltstring",
    b"$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
)
"""A vector of the scheme's own description (Drepper, "Unix crypt using SHA-256 and SHA-512")."""
NICER: Final = 5
"""Pages, which other processes of this machine send, come first."""

Hash = Callable[[str], str]


def _by_library() -> Hash | None:
    """Return a function that asks the C library, None where it has none that knows the scheme."""
    for name in LIBRARIES:
        try:
            crypt_r = ctypes.CDLL(name).crypt_r
        except (OSError, AttributeError):
            continue
        crypt_r.argtypes, crypt_r.restype = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p], ctypes.c_char_p
        room = ctypes.create_string_buffer(ROOM)
        if crypt_r(KNOWN[0], KNOWN[1], room) == KNOWN[2]:
            return lambda secret: crypt_r(secret.encode(), _setting(), room).decode()
    return None


def _by_passlib() -> Hash:
    from passlib.hash import sha512_crypt

    scheme = sha512_crypt.using(rounds=5000)
    return lambda secret: str(scheme.hash(secret))


def _setting() -> bytes:
    return ("$6$" + "".join(secrets.choice(SALTS) for _ in range(16))).encode()


def main() -> None:
    """Answer until standard input ends."""
    if hasattr(os, "nice"):
        os.nice(NICER)
    hash_of = _by_library() or _by_passlib()
    for line in sys.stdin:
        for _ in range(int(line)):
            sys.stdout.write(hash_of("".join(secrets.choice(ALPHABET) for _ in range(LENGTH))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
