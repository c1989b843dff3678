"""Microsoft Teams as a channel."""

from __future__ import annotations

import json
from typing import ClassVar, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Message, Receipt
from notifications.channels.teams.card import post_of
from notifications.outbound import typed_url
from notifications.outbound_http import exchange, failure_of

NO_SUCH_FLOW: Final = frozenset({401, 403, 404, 410})
"""The flow is switched off, was deleted with its owner's account, or the address's signature is not its own."""


class TeamsChannel(Channel):
    """One Adaptive Card posted to a Workflows webhook. Taken by the flow counts as sent: it tells nothing later."""

    kind: ClassVar[str] = "teams"
    provider: ClassVar[str] = "workflows"
    label: ClassVar[str | Promise] = _("Microsoft Teams (no receipt)")
    icon: ClassVar[str] = "message"
    address_label: ClassVar[str | Promise] = _("Workflow address (URL)")
    address_help: ClassVar[str | Promise] = _(
        "In Teams: Workflows, “Post to a chat when a webhook request is received”. Use a chat of your own: "
        "whoever reads there can answer for you."
    )
    address_type: ClassVar[Literal["tel", "email", "url"]] = "url"
    can_acknowledge: ClassVar[bool] = True
    address_is_secret: ClassVar[bool] = True
    is_one_service: ClassVar[bool] = False

    def clean_address(self, text: str) -> str:
        """Return the URL as it was typed, without blanks around it."""
        return typed_url(
            text, wrong=_now("Copy the whole address that Workflows shows, from https:// to its last letter.")
        )

    def trouble(self) -> str:
        """Return "": the address is all there is to it."""
        return ""

    def send(self, message: Message) -> Receipt:
        """Post the card; the flow answers 202 when it has begun."""
        body = json.dumps(post_of(message), separators=(",", ":")).encode()
        answer = exchange(message.secret, body=body, headers={"Content-Type": "application/json"})
        if answer.is_good:
            return Receipt(code=str(answer.status))
        raise failure_of(answer, address=NO_SUCH_FLOW)
