"""Webhooks as a channel."""

from __future__ import annotations

import json
from typing import ClassVar, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Limits, Message, Receipt
from notifications.outbound import typed_url
from notifications.outbound_http import exchange, failure_of
from notifications.signing import signature

GONE: Final = 410


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
    is_one_service: ClassVar[bool] = False
    limits: ClassVar[Limits] = Limits()

    def clean_address(self, text: str) -> str:
        """Return the URL as it was typed, without blanks around it."""
        return typed_url(
            text, wrong=_now("Write a whole address such as https://example.org/muster, without a user name in it.")
        )

    def trouble(self) -> str:
        """Return "": webhooks need no setting."""
        return ""

    def send(self, message: Message) -> Receipt:
        """Post the message; redirects are not followed, because where they lead nobody has checked."""
        body = json.dumps(content_of(message), separators=(",", ":"), sort_keys=True).encode()
        timestamp = int(message.sent_at.timestamp())
        headers = {
            "Content-Type": "application/json",
            "Muster-Delivery": str(message.delivery_id),
            "Muster-Timestamp": str(timestamp),
            "Muster-Signature": signature(secret=message.secret, timestamp=timestamp, body=body),
        }
        answer = exchange(message.to, body=body, headers=headers)
        if answer.is_good:
            return Receipt(delivered=True, code=str(answer.status))
        raise failure_of(answer, address=frozenset({GONE}))


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
        "question": message.question or None,
        "severity": message.severity,
        "urgency": message.urgency,
        "person": message.name,
        "link": message.link or None,
        "repeated": message.repeated,
        "sent_at": message.sent_at.isoformat(),
    }
