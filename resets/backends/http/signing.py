"""How a call is signed: HMAC-SHA-256 over its time and its body, so that none can be changed or sent again later."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

TIMESTAMP: Final = "Muster-Timestamp"
SIGNATURE: Final = "Muster-Signature"


def signed(body: bytes, *, secret: str, at_s: int) -> dict[str, str]:
    """Return the two headers of a call made at `at_s` (seconds since 1970)."""
    stamp = str(at_s)
    seal = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {TIMESTAMP: stamp, SIGNATURE: f"v1={seal}"}
