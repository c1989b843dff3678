"""Public ids as status pages write them: twelve lower-case letters and digits."""

from __future__ import annotations

import secrets
import string
from typing import Final

ALPHABET: Final = string.ascii_lowercase + string.digits
LENGTH: Final = 12
"""36 to the power of 12 ids: two of a million rows meet with a chance of 1 in 10 million, and the key refuses that."""


def new_id() -> str:
    """Return an id that nobody can guess from another one."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
