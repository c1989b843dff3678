"""Text messages with a code to answer by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.conf import settings

from notifications.by_text.words import line_of, text_of
from notifications.channels.base import Limits, Message, News, OutcomeUnknown, PermanentFailure, Receipt
from notifications.channels.twilio import client
from notifications.channels.twilio.addresses import bundle_status_url, status_url
from notifications.channels.twilio.errors import BAD_CALLBACK_URL
from notifications.channels.twilio.states import MESSAGES, message_news
from notifications.phone.kinds import TextChannel

CLOCKS_APART: Final = timedelta(seconds=2)
"""Twilio's times are whole seconds of its own clock."""


class SmsChannel(TextChannel):
    """Text messages by Twilio."""

    provider: ClassVar[str] = "twilio"
    has_receipts: ClassVar[bool] = True
    can_look_up: ClassVar[bool] = True
    asks_in_words: ClassVar[bool] = True
    names_several: ClassVar[bool] = True
    order: ClassVar[int] = 10
    limits: ClassVar[Limits] = Limits(late_s=60.0, passed_on=MESSAGES["sent"][0])
    """A text that Twilio has not passed on when it is first asked about it waits in a queue, which may take hours."""

    def trouble(self) -> str:
        """Return which of Twilio's settings are missing."""
        return client.trouble()

    def prepare(self) -> None:
        """Load the provider's library."""
        client.prepare()

    def send(self, message: Message) -> Receipt:
        """Send a text; the network drops it when it can't be delivered while it is of use."""
        request: dict[str, Any] = {"to": message.to, "from_": settings.TWILIO_FROM, "body": text_of(message)}
        if message.valid_s is not None:
            request["validity_period"] = message.valid_s
        messages = client.client().messages
        try:
            callback = bundle_status_url(message) if message.together else status_url(message)
            made = messages.create(**request, status_callback=callback)
        except PermanentFailure as failure:
            if failure.code != str(BAD_CALLBACK_URL):
                raise
            # The text matters more than news of it; `ask` tells us the same, later.
            made = messages.create(**request)
        return _receipt(made)

    def look_up(self, message: Message, *, since: datetime, known: frozenset[str]) -> Receipt | None:
        """Return a text to the number since then with this delivery's link, or its very words if it has none, or one
        about several pages that names this one."""
        marks = [message.link.partition("-")[0] + "-" if message.link else text_of(message)]
        if message.page_id and message.urgency == "low":
            marks.append(line_of(message))
        for made in client.client().messages.list(to=message.to, limit=20):
            created: datetime | None = made.date_created
            new = made.sid not in known and created is not None and created >= since - CLOCKS_APART
            if new and any(mark in str(made.body) for mark in marks):
                return _receipt(made)
        return None

    def ask(self, ref: str) -> News:
        """Return the text's present status."""
        made = client.client().messages(ref).fetch()
        news = message_news(ref=ref, status=str(made.status), error_code=str(made.error_code or ""))
        if news is None:
            raise OutcomeUnknown(f"Twilio says {made.status!r} about the text.")
        return news


def _receipt(made: Any) -> Receipt:
    status = str(made.status)
    return Receipt(ref=str(made.sid), code=status, check_after_s=MESSAGES.get(status, (0, "", 60.0))[2])
