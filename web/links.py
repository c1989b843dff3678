"""Signed links: they work without signing in, for one purpose, until a time that is part of the signature."""

from __future__ import annotations

import time
from typing import Any

from django.core import signing

from web.errors import LinkExpired, NotFound


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"link:{purpose}")


def sign(purpose: str, subject: str, max_age: int) -> str:
    """Return a URL-safe token for `subject`, good for `max_age` seconds from now and for this purpose only."""
    return _signer(purpose).sign_object({"s": subject, "e": int(time.time()) + max_age})


def read(purpose: str, token: str) -> str:
    """Return the subject that `token` was signed for.

    Raises `NotFound` when the token is not ours or is for another purpose, `LinkExpired` when it is too old.
    """
    try:
        content: Any = _signer(purpose).unsign_object(token)
    except signing.BadSignature:
        raise NotFound("This link is not valid. Sign in to see what waits for you.") from None
    if content["e"] < time.time():
        raise LinkExpired("This link has expired. Sign in to see what waits for you.")
    subject: str = content["s"]
    return subject
