"""Apprise as a channel."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from notifications.channels.apprise.service import is_installed, notify, service_of
from notifications.channels.base import Channel, Limits, Message, PermanentFailure, Receipt
from web.errors import BadInput

EVERY: Final = "*"


class AppriseChannel(Channel):
    """Any service that Apprise knows, by its address there. Taken counts as sent: there is never a receipt.

    The library connects by itself, so OUTBOUND_ALLOW does not bind it: which services people may use is for
    administrators to say (`APPRISE_SERVICES`), none by default.
    """

    kind: ClassVar[str] = "apprise"
    provider: ClassVar[str] = "apprise"
    label: ClassVar[str | Promise] = _("Another service (no receipt)")
    icon: ClassVar[str] = "plug"
    address_label: ClassVar[str | Promise] = _("Apprise address (URL)")
    address_help: ClassVar[str | Promise] = _(
        "Such as tgram://bot-token/chat-id. It holds a key, so it is shown to nobody again. "
        "Whoever reads there can answer for you."
    )
    address_type: ClassVar[Literal["tel", "email", "url"]] = "url"
    can_acknowledge: ClassVar[bool] = True
    address_is_secret: ClassVar[bool] = True
    is_optional: ClassVar[bool] = True
    is_one_service: ClassVar[bool] = False
    limits: ClassVar[Limits] = Limits(tries=4)

    def clean_address(self, text: str) -> str:
        """Return the address if Apprise understands it and its service is one that people may use here."""
        url = text.strip()
        wrong = self.trouble()
        if not wrong and not _is_allowed(url):
            allowed = ", ".join(settings.APPRISE_SERVICES)
            wrong = _now("This service is not one of those allowed here: {allowed}.").format(allowed=allowed)
        if not wrong and service_of(url) is None:
            wrong = _now("Apprise does not understand this address. Compare it with the page of the service.")
        if wrong:
            raise BadInput(wrong, errors={"address": wrong})
        return url

    def trouble(self) -> str:
        """Return what is missing: the library, or the list of services that people may use."""
        if not is_installed():
            return "Apprise is not installed: .venv/bin/pip install -r requirements-apprise.txt"
        if not settings.APPRISE_SERVICES:
            return "Apprise needs APPRISE_SERVICES to name the services that people may use."
        return ""

    def send(self, message: Message) -> Receipt:
        """Hand the message to the service."""
        service = service_of(message.secret) if _is_allowed(message.secret) else None
        if service is None:
            raise PermanentFailure("The service is not allowed or not known here.", scope="address", code="service")
        with translation.override(message.language):
            notify(service, title=_title(message), body=_body(message))
        return Receipt()


def _is_allowed(url: str) -> bool:
    scheme = url.partition("://")[0].lower()
    return EVERY in settings.APPRISE_SERVICES or scheme in settings.APPRISE_SERVICES


def _title(message: Message) -> str:
    if message.kind == "verification":
        return _now("Your code for Muster")
    if message.kind == "reminder":
        return _now("Reminder: %(headline)s") % {"headline": message.headline}
    return message.headline


def _body(message: Message) -> str:
    again = _now("This may have reached you before.") if message.repeated else ""
    # Some services drop the title, so that what happened stands in the text too; none takes an empty text.
    lines = [message.question, message.sentence, again, message.link]
    return "\n".join(line for line in lines if line) or _title(message)
