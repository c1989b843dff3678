"""Requests as Slack signs them, against the product's own addresses."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Final, Protocol, cast
from urllib.parse import urlencode

from django.test import Client

SECRET: Final = "8f742231b10e8888abcd99yyyzzz85a5"


class Answer(Protocol):
    """What comes back."""

    status_code: int
    content: bytes

    def json(self) -> Any:
        """Return the body, which is JSON."""


def sign(body: bytes, moment: str, secret: str = SECRET) -> str:
    """Return the signature of a body: written down anew from Slack's page, not taken from the product."""
    base = f"v0:{moment}:".encode() + body
    return f"v0={hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()}"


def knock(
    path: str,
    body: bytes,
    *,
    kind: str = "application/x-www-form-urlencoded",
    moment: str | None = None,
    signature: str | None = None,
) -> Answer:
    """Send a body, signed well and now unless told otherwise."""
    stamp = str(int(time.time())) if moment is None else moment
    given = sign(body, stamp) if signature is None else signature
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": given}
    return cast(Answer, Client().post(path, data=body, content_type=kind, headers=headers))


def command(text: str = "", *, user: str = "U0ADA00001", trigger: str = "1.2.a", name: str = "/incident") -> bytes:
    """Return a slash command's body."""
    fields = {
        "token": "old",
        "team_id": "T0HARBOR1",
        "channel_id": "C0GENERAL",
        "user_id": user,
        "command": name,
        "text": text,
        "response_url": "http://127.0.0.1:9/response",
        "trigger_id": trigger,
    }
    return urlencode(fields).encode()


def pressed(action_id: str, *, user: str = "U0ADA00001", value: str = "", trigger: str = "1.2.b") -> bytes:
    """Return the body of a pressed button."""
    payload = {
        "type": "block_actions",
        "token": "old",
        "team": {"id": "T0HARBOR1"},
        "user": {"id": user},
        "channel": {"id": "D0000001"},
        "container": {"type": "message", "channel_id": "D0000001", "message_ts": "1.000001"},
        "trigger_id": trigger,
        "response_url": "http://127.0.0.1:9/response",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": "1.5"}],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def envelope(event: Mapping[str, Any], *, event_id: str = "Ev1") -> bytes:
    """Return the body of an event."""
    told = {"type": "event_callback", "team_id": "T0HARBOR1", "event_id": event_id, "event": event, "token": "old"}
    return json.dumps(told).encode()
