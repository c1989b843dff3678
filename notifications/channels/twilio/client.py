"""The official library's client for the account in the settings."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from twilio.rest import Client


def client() -> Client:
    """Return this process's client for the account in the settings."""
    return _client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL)


@lru_cache(maxsize=4)
def _client(account: str, token: str, api_url: str) -> Client:
    # 15 MiB that web, stream and engine need only when they talk to Twilio, which is rarely or never.
    from twilio.rest import Client

    from notifications.channels.twilio.transport import KeptConnections

    # An environment that is not empty keeps the library from reading the process's own (TWILIO_EDGE, TWILIO_REGION).
    made: Any = Client(account, token, http_client=KeptConnections(), environment={"unset": "unset"})
    made.api.base_url = api_url
    return made


def prepare() -> None:
    """Load the library: its first import took a second on a busy machine, which no page and no hang-up may wait."""
    if not trouble():
        made = client()
        assert made.calls and made.messages  # noqa: S101, PT018  (properties that import what they name)


def trouble() -> str:
    """Return which settings are missing, as a sentence; "" when none is."""
    names = [name for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM") if not getattr(settings, name)]
    return f"Calls and texts need {', '.join(names)} to be set." if names else ""
