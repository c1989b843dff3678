"""The official library's clients for the account and the application in the settings."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from vonage_sms import Sms
    from vonage_voice import Voice

# 20 MiB that web, stream and engine need only when they talk to Vonage: the library is loaded inside.


def texts() -> Sms:
    """Return this process's client for texts, signed in by the account's key and secret."""
    return _texts(settings.VONAGE_API_KEY, settings.VONAGE_API_SECRET, settings.VONAGE_API_URL)


def calls() -> Voice:
    """Return this process's client for calls, signed in by the application's private key."""
    return _calls(settings.VONAGE_APPLICATION_ID, settings.VONAGE_PRIVATE_KEY, settings.VONAGE_API_URL)


@lru_cache(maxsize=4)
def _texts(api_key: str, api_secret: str, api_url: str) -> Sms:
    from vonage_http_client import Auth
    from vonage_sms import Sms

    from notifications.channels.vonage.transport import KeptConnections

    return Sms(KeptConnections(Auth(api_key=api_key, api_secret=api_secret), api_url=api_url))


@lru_cache(maxsize=4)
def _calls(application_id: str, private_key: str, api_url: str) -> Voice:
    from vonage_http_client import Auth
    from vonage_voice import Voice

    from notifications.channels.vonage.transport import KeptConnections

    return Voice(KeptConnections(Auth(application_id=application_id, private_key=private_key), api_url=api_url))


def trouble(*names: str) -> str:
    """Return which of these settings are missing, as a sentence; "" when none is."""
    missing = [name for name in names if not getattr(settings, name)]
    return f"Vonage needs {', '.join(missing)} to be set." if missing else ""


def digits(number: str) -> str:
    """Return an E.164 number as Vonage writes it: without its plus."""
    return number.removeprefix("+")
