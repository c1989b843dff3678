"""Calls: a voice says what happened, a key says what the person does about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.conf import settings

from notifications import page_links
from notifications.channels.base import Limits, Message, News, OutcomeUnknown, PermanentFailure, Receipt
from notifications.channels.twilio import client, spoken
from notifications.channels.twilio.addresses import status_url, voice_url
from notifications.channels.twilio.errors import BAD_CALLBACK_URL
from notifications.channels.twilio.states import CALLS, call_news
from notifications.phone.kinds import CallChannel

RING_S: Final = 25
"""Ring for so long (Twilio's default is 60): shorter than most voicemails wait."""
LINK_AGE: Final = timedelta(hours=2)
"""Twilio may queue a call before it dials; the address of its words must outlive that."""
CLOCKS_APART: Final = timedelta(seconds=2)
"""Twilio's times are whole seconds of its own clock."""


class VoiceChannel(CallChannel):
    """Phone calls by Twilio."""

    provider: ClassVar[str] = "twilio"
    has_receipts: ClassVar[bool] = True
    can_look_up: ClassVar[bool] = True
    can_withdraw: ClassVar[bool] = True
    order: ClassVar[int] = 10
    limits: ClassVar[Limits] = Limits(late_s=30.0, passed_on=CALLS["ringing"][0], per_s=1.0)

    def trouble(self) -> str:
        """Return which of Twilio's settings are missing."""
        return client.trouble()

    def prepare(self) -> None:
        """Load the provider's library."""
        client.prepare()

    def send(self, message: Message) -> Receipt:
        """Start a call. The words come from us when it is answered; an unanswerable message carries them along."""
        request: dict[str, Any] = {"to": message.to, "from_": settings.TWILIO_FROM, "timeout": RING_S}
        if settings.TWILIO_MACHINE_DETECTION == "on":
            # Listens to the end of the greeting, so that what is left is heard; people are found out as fast.
            request["machine_detection"] = "DetectMessageEnd"
        if message.answerable:
            token = page_links.sign("voice", message.delivery_id, expires_at=message.sent_at + LINK_AGE)
            request |= {"url": voice_url(token), "method": "POST"}
        else:
            request["twiml"] = spoken.statement(message)
        callbacks: dict[str, Any] = {
            "status_callback": status_url(message),
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
        }
        calls = client.client().calls
        try:
            call = calls.create(**request, **callbacks)
        except PermanentFailure as failure:
            if failure.code != str(BAD_CALLBACK_URL):
                raise
            # The call matters more than news of it; `ask` tells us the same, later.
            call = calls.create(**request)
        return _receipt(call)

    def look_up(self, message: Message, *, since: datetime, known: frozenset[str]) -> Receipt | None:
        """Return the newest call to the number since then that belongs to no other delivery."""
        calls = client.client().calls.list(to=message.to, from_=settings.TWILIO_FROM, limit=20)
        for call in calls:
            created: datetime | None = call.date_created
            if call.sid not in known and created is not None and created >= since - CLOCKS_APART:
                return _receipt(call)
        return None

    def ask(self, ref: str) -> News:
        """Return the call's present status."""
        call = client.client().calls(ref).fetch()
        news = call_news(ref=ref, status=str(call.status), answered_by=str(call.answered_by or ""))
        if news is None:
            raise OutcomeUnknown(f"Twilio says {call.status!r} about the call.")
        return news

    def withdraw(self, ref: str) -> None:
        """Stop the call while it rings; one that was answered goes on ("canceled" leaves it alone)."""
        try:
            client.client().calls(ref).update(status="canceled")
        except PermanentFailure:
            return  # it ended or was answered in this moment


def _receipt(call: Any) -> Receipt:
    status = str(call.status)
    return Receipt(ref=str(call.sid), code=status, check_after_s=CALLS.get(status, (0, "", 30.0))[2])
