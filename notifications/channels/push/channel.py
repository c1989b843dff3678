"""Web push as a channel."""

from __future__ import annotations

import json
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from django.db import InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Limits, Message, PermanentFailure, Receipt, Scope, TemporaryFailure
from notifications.channels.push.content import content_of, tag_of
from notifications.channels.push.device import device_panel
from notifications.channels.push.keys import authorization, push_keys
from notifications.channels.push.sealing import sealed
from notifications.channels.push.subscription import NoSubscription, Subscription, from_browser, loaded
from notifications.outbound_http import exchange, failure_of
from people.models import Person
from web.errors import BadInput

GONE: Final = frozenset({404, 410})
"""The browser gave its subscription up (RFC 8030 section 7.3)."""
REFUSED_SIGNATURE: Final = frozenset({401, 403})
"""Our signature was not believed (RFC 8292 section 4.2): our clock or keys, whomever the message was for."""
KEPT_S: Final = 24 * 3600
"""How long the push service keeps for a device that is off what says no time of its own."""


class PushChannel(Channel):
    """One encrypted POST to the push service of the person's browser, which rings the device.

    Taken counts as sent. That it was shown is told by the device itself, that somebody answered by the button.
    """

    kind: ClassVar[str] = "push"
    provider: ClassVar[str] = "webpush"
    label: ClassVar[str | Promise] = _("Notification on a device")
    icon: ClassVar[str] = "bell"
    address_label: ClassVar[str | Promise] = _("Device")
    address_help: ClassVar[str | Promise] = _("Turned on from the device itself.")
    address_type: ClassVar[Literal["tel", "email", "url"]] = "url"
    is_typed: ClassVar[bool] = False
    needs_verification: ClassVar[bool] = False
    can_acknowledge: ClassVar[bool] = True
    address_is_secret: ClassVar[bool] = True
    is_one_service: ClassVar[bool] = False
    is_overheard: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits()

    def clean_address(self, text: str) -> str:
        """Return the subscription that a browser handed over as JSON, with the key of ours that it was made with."""
        try:
            return from_browser(json.loads(text), key=push_keys().public).dumped()
        except NoSubscription as refused:
            sentence = str(refused)
        except (ValueError, RecursionError):
            sentence = _now("Turn notifications on from the device itself.")
        raise BadInput(sentence, errors={"address": sentence})

    def masked(self, address: str) -> str:
        """Return the push service and a digest: enough for the page to know its own device again."""
        return loaded(address).address

    def trouble(self) -> str:
        """Return "": our keys are made when they are first needed."""
        return ""

    def panel(self, person: Person) -> SafeString:
        """Return the part of "How I am reached" that turns notifications on for the device in hand."""
        return device_panel(person)

    def prepare(self) -> None:
        """Load the ciphers."""
        import http_ece  # noqa: F401
        import py_vapid  # noqa: F401

    def send(self, message: Message) -> Receipt:
        """Post the notification, encrypted for the one browser that may read it."""
        try:
            subscription = loaded(message.secret)
        except NoSubscription as error:
            raise PermanentFailure(str(error), scope="address", code="no_subscription") from error
        headers = self._headers(message, subscription)
        answer = exchange(subscription.endpoint, body=sealed(content_of(message), to=subscription), headers=headers)
        if answer.is_good:
            return Receipt(code=str(answer.status))
        if answer.status in GONE:
            detail = "The device gave its notifications up; turn them on again there."
            raise PermanentFailure(detail, scope="address", code=str(answer.status))
        about: Scope = "configuration" if answer.status in REFUSED_SIGNATURE else "message"
        raise failure_of(answer, address=GONE, otherwise=about)

    def _headers(self, message: Message, subscription: Subscription) -> dict[str, str]:
        try:
            keys = push_keys()
        except (OperationalError, InterfaceError) as error:
            raise TemporaryFailure("The database was away before it could be sent.", code="database") from error
        if keys.public != subscription.key:
            detail = "The device was set up with keys that are gone; turn notifications on again there."
            raise PermanentFailure(detail, scope="address", code="other_keys")
        endpoint = urlsplit(subscription.endpoint)
        audience = f"{endpoint.scheme}://{endpoint.netloc}"
        return {
            "Authorization": authorization(keys, audience=audience, now=message.sent_at),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(message.valid_s or KEPT_S),
            # High wakes a phone that saves its battery; very-low may wait until it is charged (RFC 8030 section 5.3).
            "Urgency": "high" if message.urgency == "high" else "normal",
            "Topic": tag_of(message)[:32],
        }
