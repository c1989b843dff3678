"""Codes that open one account once: 60 bits in twelve letters and figures that nobody confuses.

A code is derived from a row's nonce with a key of ours, so that a mail can be made again and the database holds only a
keyed digest: whoever reads the database can open nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Final, Literal

from django.conf import settings

Purpose = Literal["token", "support"]
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: no I, L, O, U."""
LENGTH: Final = 12
NONCE_BYTES: Final = 16
_READ_AS: Final = str.maketrans("OIL", "011")
_SHAPE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def new_nonce() -> bytes:
    """Return what a code is derived from."""
    return secrets.token_bytes(NONCE_BYTES)


def code_of(purpose: Purpose, nonce: bytes) -> str:
    """Return the code of a nonce, as people read it: K7QM-3D9V-XW2A."""
    number = int.from_bytes(_keyed(f"code:{purpose}", nonce)[:8]) >> 4
    letters = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))


def digest_of(purpose: Purpose, code: str) -> str:
    """Return a code's keyed SHA-256 (hex), "" for what is no code. Case, blanks, dashes and look-alikes don't count."""
    letters = re.sub(r"[\s-]", "", code[:100]).upper().translate(_READ_AS)
    if not _SHAPE.fullmatch(letters):
        return ""
    return _keyed(f"digest:{purpose}", letters.encode("ascii")).hex()


def _keyed(purpose: str, subject: bytes) -> bytes:
    key = hmac.digest(settings.SECRET_KEY.encode(), f"resets.self_set.codes:{purpose}".encode(), "sha256")
    return hmac.digest(key, subject, "sha256")
