"""The sound of a message that a caller left: it lies with the telephone provider and opens with our credentials, so
that whoever may know of the incident listens through us.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from notifications.channels.base import PermanentFailure
from notifications.channels.twilio.errors import failure_of
from notifications.phone.connections import failure_to_answer, kept_connections

_RECORDING: Final = re.compile(r"/Recordings/(RE[0-9a-f]{32})(?:\.\w+)?$")
_KINDS: Final = {"audio/mpeg": "mp3", "audio/wav": "wav", "audio/x-wav": "wav"}
_MOVED: Final = Retry(total=None, connect=0, read=0, status=0, other=0, redirect=2)
"""Twilio may send us to where the sound lies; urllib3 leaves our credentials behind when that is another host."""

_pool: Final = kept_connections()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """A sound file: its media type, and how its name ends."""

    content: bytes = field(repr=False)
    kind: str
    ending: str


def sound_of(recording: str) -> Sound:
    """Return the sound at the provider's address of a recording, within `CALL_S`. Network: not in a transaction.

    Only the recording's id is taken from that address: credentials go to the configured provider and nowhere else.
    Raises a `ChannelFailure` where there is none (any more), or nobody answers.
    """
    found = _RECORDING.search(recording)
    if found is None:
        raise PermanentFailure("The address names no recording.", scope="message")
    account, token = settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN
    address = f"{settings.TWILIO_API_URL}/2010-04-01/Accounts/{account}/Recordings/{found[1]}"
    headers = {"Authorization": "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()}
    try:
        answer = _pool.request("GET", address, headers=headers, retries=_MOVED)
    except HTTPError as error:
        raise failure_to_answer(error, carrier="Twilio", changes=False) from None
    if answer.status >= 400:
        raise failure_of(status=answer.status, body=answer.data.decode("utf-8", "replace"), retry_after=None)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        raise PermanentFailure(f"What the provider keeps there is no sound ({kind[:40]}).", scope="message")
    return Sound(content=answer.data, kind=kind, ending=_KINDS[kind])
