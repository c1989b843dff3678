"""Where an answer to a mail goes: `reply+<token>@…`, of which the token names the delivery and proves that it is ours.

In small letters and digits alone: some mail servers fold an address's case. With the mailbox's own 12 characters at
most 62 of the 64 that a local part may have (RFC 5321 section 4.5.3.1.1).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

GOOD_FOR: Final = timedelta(hours=24)
"""As long as the link of the same mail."""
_TOKEN: Final = re.compile(r"([0-9a-f]{1,12})-([0-9a-f]{1,9})-([a-z2-7]{26})")


def reply_address(delivery_id: int, *, sent_at: datetime) -> str:
    """Return where answers to this delivery go, "" where EMAIL_REPLY_TO is not set."""
    local, at, domain = settings.EMAIL_REPLY_TO.partition("@")
    if not at:
        return ""
    stem = f"{delivery_id:x}-{int((sent_at + GOOD_FOR).timestamp()):x}"
    return f"{local}+{stem}-{_seal(stem)}@{domain}"


def delivery_named(addresses: Iterable[str], *, now: datetime) -> int | None:
    """Return the delivery that one of these addresses stands for; None for strangers', forged and expired ones."""
    for address in addresses:
        tag = parseaddr(address)[1].rpartition("@")[0].rpartition("+")[2].lower()
        parts = _TOKEN.fullmatch(tag)
        if parts is None or not constant_time_compare(parts[3], _seal(f"{parts[1]}-{parts[2]}")):
            continue
        if int(parts[2], 16) > now.timestamp():
            return int(parts[1], 16)
    return None


def _seal(stem: str) -> str:
    digest = salted_hmac("notifications.channels.email.reply", stem, algorithm="sha256").digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()
