"""E-mail as a channel."""

from __future__ import annotations

from typing import ClassVar, Literal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Limits, Message, Receipt
from notifications.channels.email.letters import letter_of
from notifications.channels.email.transport import deliver, hang_up
from web.errors import BadInput


class EmailChannel(Channel):
    """Mail by the server in EMAIL_URL. Taken by it counts as sent: mail knows no reliable receipt."""

    kind: ClassVar[str] = "email"
    provider: ClassVar[str] = "smtp"
    label: ClassVar[str | Promise] = _("E-mail")
    icon: ClassVar[str] = "mail"
    address_label: ClassVar[str | Promise] = _("E-mail address")
    address_help: ClassVar[str | Promise] = _("Better one that does not live on our own servers.")
    address_type: ClassVar[Literal["tel", "email", "url"]] = "email"
    can_acknowledge: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits()

    def clean_address(self, text: str) -> str:
        """Return the address without blanks around, its domain in lower case."""
        address = text.strip()
        try:
            validate_email(address)
        except ValidationError:
            sentence = _now("This is not an e-mail address.")
            raise BadInput(sentence, errors={"address": sentence}) from None
        local, _at, domain = address.rpartition("@")
        return f"{local}@{domain.lower()}"

    def trouble(self) -> str:
        """Return what is missing before mail can go out."""
        return "" if settings.EMAIL_HOST else "Mail needs EMAIL_URL to be set."

    def send(self, message: Message) -> Receipt:
        """Give one mail to the server, over a connection that this thread keeps."""
        return Receipt(code=deliver(letter_of(message)))

    def let_go(self) -> None:
        """Close this thread's connection."""
        hang_up()
