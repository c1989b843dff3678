"""How a webhook proves that it is ours; pure.

    Muster-Timestamp: seconds since 1970, UTC
    Muster-Signature: v1=<hex of HMAC-SHA-256(secret, "<timestamp>.<body>")>

The receiver computes the same over the raw body, compares in constant time, and refuses timestamps more than five
minutes off, so that a recorded request can't be played again.
"""

from __future__ import annotations

import hashlib
import hmac


def signature(*, secret: str, timestamp: int, body: bytes) -> str:
    """Return the value of `Muster-Signature`."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"v1={digest}"
