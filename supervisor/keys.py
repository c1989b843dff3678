"""Secrets that the first start makes for itself and keeps in `var/secrets.json`."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from supervisor.private_file import read_private, write_private


def made_secrets(path: Path) -> dict[str, str]:
    """Return the secrets of this checkout, making those that are missing; the caller holds the supervisor's lock.

    `SECRETS_KEYS` is a Fernet key (32 random bytes as URL-safe base64); the pairs of Twilio and Slack are the
    simulator's own.
    """
    kept = read_private(path)
    fresh = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SECRETS_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(24)}",
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
    }
    if fresh.keys() - kept.keys():
        kept = fresh | kept
        write_private(path, kept)
    return {name: str(value) for name, value in kept.items()}
