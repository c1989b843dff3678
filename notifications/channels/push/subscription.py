"""What a browser hands over when notifications are turned on: where its push service is, and keys only it can read
with."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import json
from dataclasses import asdict, dataclass, field
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

LONGEST: Final = 2000
"""Characters of an endpoint; the longest known ones have about 700."""
_POINT: Final = 65
"""Bytes of an uncompressed point on P-256 (RFC 8291 section 3.1)."""
_SECRET: Final = 16
"""Bytes of the authentication secret (RFC 8291 section 3.2)."""


class NoSubscription(ValueError):
    """What was handed over is no subscription; the message says what is wrong with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One browser on one device. `endpoint` is a capability: whoever knows it and our key may ring there, so it is kept
    encrypted. `p256dh` and `auth` encrypt for the browser (URL-safe base64), `key` is our public key it trusts."""

    endpoint: str
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)
    key: str

    @property
    def address(self) -> str:
        """Return its name on screens and in the delivery log: the push service and a digest, never the endpoint."""
        digest = hashlib.sha256(self.endpoint.encode()).hexdigest()[:20]
        return f"{(urlsplit(self.endpoint).hostname or '')[:200]}/{digest}"

    def dumped(self) -> str:
        """Return it as text, for `loaded`."""
        return json.dumps(asdict(self), separators=(",", ":"))


def loaded(text: str) -> Subscription:
    """Return what `dumped` wrote; raise `NoSubscription` for anything else."""
    try:
        return Subscription(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise NoSubscription("This device's subscription can't be read.") from error


def from_browser(given: object, *, key: str) -> Subscription:
    """Return the subscription in what `PushSubscription.toJSON()` gave, made with our public `key`.

    Raises `NoSubscription` unless the endpoint is an https URL (http within OUTBOUND_ALLOW) and both keys have their
    length.
    """
    if not isinstance(given, dict) or not isinstance(given.get("keys"), dict):
        raise NoSubscription("The browser sent no subscription.")
    endpoint, keys = given.get("endpoint"), given["keys"]
    if not isinstance(endpoint, str) or len(endpoint) > LONGEST or not _is_url(endpoint):
        raise NoSubscription("The browser's push service has no address that can be reached.")
    p256dh, auth = str(keys.get("p256dh", "")), str(keys.get("auth", ""))
    point = _bytes(p256dh)
    if len(point) != _POINT or point[0] != 4 or len(_bytes(auth)) != _SECRET:
        raise NoSubscription("The browser sent keys that can't be used.")
    return Subscription(endpoint=endpoint, p256dh=p256dh, auth=auth, key=key)


def decoded(text: str) -> bytes:
    """Return the bytes of URL-safe base64 without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(raw: bytes) -> str:
    """Return URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return decoded(text)
    except (binascii.Error, ValueError):
        return b""


def _is_url(text: str) -> bool:
    """Tell whether it is an https address, or an http one within the networks of OUTBOUND_ALLOW."""
    try:
        parts = urlsplit(text)
        plain = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if not plain or not parts.hostname or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_ours(parts.hostname))


def _is_ours(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in settings.OUTBOUND_ALLOW)
