"""Passwords that nobody learns."""

from __future__ import annotations

import secrets
import string
from typing import Final

LENGTH: Final = 40
_SIGNS: Final = "-_.+="
_LETTERS: Final = string.ascii_letters + string.digits + _SIGNS


def nobodys_password() -> str:
    """Return a password that fits a panel's rules (each kind of character) and is forgotten at once."""
    one_of_each = [
        secrets.choice(kind) for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SIGNS)
    ]
    letters = [*one_of_each, *(secrets.choice(_LETTERS) for _ in range(LENGTH - len(one_of_each)))]
    # Never a sign at the start, which command lines would take for an option.
    return secrets.choice(string.ascii_letters) + "".join(letters)
