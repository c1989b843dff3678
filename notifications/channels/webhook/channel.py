"""Webhooks as a channel."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

import httpx
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import (
    CALL_S,
    Channel,
    ChannelFailure,
    Limits,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from notifications.channels.webhook.signing import signature
from notifications.outbound import resolve
from web.errors import BadInput

GONE: Final = 410
TRY_LATER: Final = frozenset({408, 425, 429})


class WebhookChannel(Channel):
    """One signed POST; any 2xx means the receiver has it. What it carries is in docs/delivery.md."""

    kind: ClassVar[str] = "webhook"
    provider: ClassVar[str] = "webhook"
    label: ClassVar[str | Promise] = _("Webhook")
    icon: ClassVar[str] = "plug"
    address_label: ClassVar[str | Promise] = _("Address (URL)")
    address_help: ClassVar[str | Promise] = _("An https address that takes a signed POST.")
    address_type: ClassVar[Literal["tel", "email", "url"]] = "url"
    needs_secret: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits()

    def clean_address(self, text: str) -> str:
        """Return the URL; whether it may be reached is decided at each send, because names move."""
        url = text.strip()
        try:
            parts = urlsplit(url)
            fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            parts, fine = None, False
        if not fine or parts is None or parts.username or parts.fragment:
            sentence = _now("Write a whole address such as https://example.org/muster, without a user name in it.")
            raise BadInput(sentence, errors={"address": sentence})
        return url

    def trouble(self) -> str:
        """Return "": webhooks need no setting."""
        return ""

    def send(self, message: Message) -> Receipt:
        """Post the message; redirects are not followed, because where they lead nobody has checked."""
        target = resolve(message.to)
        body = json.dumps(content_of(message), separators=(",", ":"), sort_keys=True).encode()
        timestamp = int(message.sent_at.timestamp())
        headers = {
            "Host": target.host_header,
            "Content-Type": "application/json",
            "User-Agent": "Muster",
            "Muster-Delivery": str(message.delivery_id),
            "Muster-Timestamp": str(timestamp),
            "Muster-Signature": signature(secret=message.secret, timestamp=timestamp, body=body),
        }
        try:
            # The name goes along for TLS: the certificate is checked against it, not against the address.
            with _client().stream(
                "POST", target.url, content=body, headers=headers, extensions={"sni_hostname": target.host}
            ) as answer:
                status, retry_after = answer.status_code, answer.headers.get("Retry-After")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise TemporaryFailure(f"{target.host} can't be reached.", code="unreachable") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"{target.host} gave no answer.", code="no_answer") from error
        if 200 <= status < 300:
            return Receipt(delivered=True, code=str(status))
        raise _failure(status, retry_after=retry_after, host=target.host)


def content_of(message: Message) -> dict[str, object]:
    """Return what a webhook carries. Fields are only ever added."""
    return {
        "id": message.delivery_id,
        "kind": message.kind,
        "page": message.page_id or None,
        "subject": message.subject or None,
        "title": message.title or message.headline,
        "headline": message.headline,
        "sentence": message.sentence,
        "severity": message.severity,
        "urgency": message.urgency,
        "person": message.name,
        "link": message.link or None,
        "repeated": message.repeated,
        "sent_at": message.sent_at.isoformat(),
    }


def _failure(status: int, *, retry_after: str | None, host: str) -> ChannelFailure:
    detail = f"{host} answered {status}."
    if status in TRY_LATER or status >= 500:
        wished = float(retry_after) if retry_after and retry_after.isdecimal() else None
        return TemporaryFailure(detail, code=str(status), retry_after_s=wished)
    return PermanentFailure(detail, scope="address" if status == GONE else "message", code=str(status))


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    # No kept connections: the pool knows them by address, and two names at one address have two certificates.
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=0)
    return httpx.Client(
        timeout=httpx.Timeout(CALL_S, connect=3.0), limits=limits, follow_redirects=False, trust_env=False
    )
