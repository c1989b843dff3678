"""The keys that say who we are to push services (VAPID, RFC 8292): made once, kept encrypted in the database."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from engine import clock
from notifications.channels.push.subscription import encoded
from notifications.models import PushKeys

GOOD_FOR_S: Final = 12 * 3600
"""How long a signed word of ours holds; services refuse more than 24 hours (RFC 8292 section 2)."""


def push_keys() -> PushKeys:
    """Return our keys, made now if there are none yet: of two makers at once, the first one's stay."""
    found = PushKeys.objects.first()
    if found is None:
        public, private = _made()
        PushKeys.objects.bulk_create(
            [PushKeys(public=public, private=private, made_at=clock.now())], ignore_conflicts=True
        )
        found = PushKeys.objects.get()
    return found


def authorization(keys: PushKeys, *, audience: str, now: datetime) -> str:
    """Return the `Authorization` header for a push service; `audience` is its origin (scheme, host and port)."""
    from py_vapid import Vapid02

    claims: dict[str, str | int] = {"aud": audience, "exp": int(now.timestamp()) + GOOD_FOR_S, "sub": _contact()}
    return str(Vapid02.from_raw(keys.private.encode()).sign(claims)["Authorization"])


def _contact() -> str:
    """Return where the operator of a push service may turn to: an https address or a mailbox (section 2.1)."""
    if urlsplit(settings.PUBLIC_URL).scheme == "https":
        return str(settings.PUBLIC_URL)
    return f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"


def _made() -> tuple[str, str]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return encoded(point), encoded(key.private_numbers().private_value.to_bytes(32, "big"))
