"""Mail by a hosted provider's API (Mailgun, Postmark, Amazon SES …), as EMAIL_PROVIDER names them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Message, Receipt
from notifications.channels.email.api_transport import hang_up, missing, post
from notifications.channels.email.channel import EmailChannel
from notifications.channels.email.letters import letter_of


class HostedMailChannel(EmailChannel):
    """Mail by one provider's API. What became of it the provider tells by a webhook: delivered, bounced, complained."""

    label: ClassVar[str | Promise] = _("E-mail")

    def trouble(self) -> str:
        """Return which setting of the provider's own is missing."""
        return missing(self.provider)

    def prepare(self) -> None:
        """Load the provider's library."""
        missing(self.provider)

    def send(self, message: Message) -> Receipt:
        """Post one mail, over a connection that this thread keeps."""
        return Receipt(ref=post(self.provider, letter_of(message), tries_of=message))

    def let_go(self) -> None:
        """Close this thread's connections."""
        hang_up()


def hosted_channels() -> tuple[HostedMailChannel, ...]:
    """Return one channel for each provider in EMAIL_PROVIDER, in that order and all before SMTP."""
    return tuple(
        type(f"{name.title()}MailChannel", (HostedMailChannel,), {"provider": name, "order": place})()
        for place, name in enumerate(settings.EMAIL_PROVIDER)
    )
