"""Short signed names of deliveries, for links in messages and addresses that providers call.

A text message has 160 characters; `web.links` would take 100 of them. Here the delivery's number, the time of expiry
and a 128-bit keyed digest (HMAC-SHA-256, cut as RFC 2104 section 5 allows) take about 35.
"""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from web.errors import LinkExpired, NotFound

LINK_AGE: Final = timedelta(hours=24)
"""How long the link of a message works. A page that still waits after a day has been sent anew by then."""
_SHAPE: Final = re.compile(r"([0-9a-z]{1,13})-([0-9a-z]{1,9})-([A-Za-z0-9_-]{22})")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def sign(purpose: str, delivery_id: int, *, expires_at: datetime) -> str:
    """Return a token that names the delivery until `expires_at` (whole seconds), for this purpose only."""
    stem = f"{_base36(delivery_id)}-{_base36(int(expires_at.timestamp()))}"
    return f"{stem}-{_seal(purpose, stem)}"


def read(purpose: str, token: str, *, now: datetime) -> int:
    """Return the delivery that `token` names.

    Raises `NotFound` when the token is not ours or for another purpose, `LinkExpired` when its time is over.
    """
    parts = _SHAPE.fullmatch(token)
    if parts is None or not constant_time_compare(parts[3], _seal(purpose, f"{parts[1]}-{parts[2]}")):
        raise NotFound("This link is not valid. Sign in to see what waits for you.")
    if int(parts[2], 36) <= now.timestamp():
        raise LinkExpired("This link has expired. Sign in to see what waits for you.")
    return int(parts[1], 36)


def page_url(delivery_id: int, *, now: datetime) -> str:
    """Return the address that shows the page of this delivery without signing in."""
    return f"{settings.PUBLIC_URL}/p/{sign('page', delivery_id, expires_at=now + LINK_AGE)}/"


def _seal(purpose: str, stem: str) -> str:
    digest = salted_hmac(f"notifications.page_links.{purpose}", stem, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits
