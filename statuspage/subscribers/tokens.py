"""Links of subscribers: signed, bound to one purpose, and stored nowhere.

43 characters: what it names (16 bytes) and a 128-bit keyed digest (HMAC-SHA-256, cut as RFC 2104 section 5 allows).
Two of them go into each mail, so one costs a few microseconds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from web.errors import LinkExpired, NotFound

Purpose = Literal["confirm", "manage", "unsubscribe"]
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def sign(purpose: Literal["manage", "unsubscribe"], subscriber_id: UUID) -> str:
    """Return the token of a subscriber's link, which works as long as the subscription is kept."""
    return _token(purpose, subscriber_id.bytes)


def sign_letter(letter_id: int, *, expires_at: datetime) -> str:
    """Return the token that confirms what was asked for in this letter, until `expires_at` (whole seconds)."""
    return _token("confirm", letter_id.to_bytes(8) + int(expires_at.timestamp()).to_bytes(8))


def read(purpose: Literal["manage", "unsubscribe"], token: str) -> UUID:
    """Return the subscriber that `token` names; raise `NotFound` when it is not ours or for another purpose."""
    return UUID(bytes=_subject(purpose, token))


def read_letter(token: str, *, now: datetime) -> int:
    """Return the letter that `token` confirms; raise `NotFound`, or `LinkExpired` when its time is over."""
    subject = _subject("confirm", token)
    if int.from_bytes(subject[8:]) <= now.timestamp():
        raise LinkExpired(_("This link has expired. Sign up again on the status page."))
    return int.from_bytes(subject[:8])


def _subject(purpose: Purpose, token: str) -> bytes:
    if _SHAPE.fullmatch(token):
        subject = base64.urlsafe_b64decode(token + "=")[:16]
        if hmac.compare_digest(_token(purpose, subject), token):
            return subject
    raise NotFound(_("This link is not valid. Copy the whole link from the message."))


def _token(purpose: Purpose, subject: bytes) -> str:
    seal = hmac.digest(_key(purpose, settings.SECRET_KEY), subject, "sha256")[:16]
    return base64.urlsafe_b64encode(subject + seal).decode("ascii").rstrip("=")


@lru_cache(maxsize=8)
def _key(purpose: Purpose, secret_key: str) -> bytes:
    return hashlib.sha256(f"statuspage.subscribers.tokens:{purpose}:{secret_key}".encode()).digest()
