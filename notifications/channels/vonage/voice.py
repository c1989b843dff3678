"""Calls by Vonage's Voice API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.conf import settings

from notifications import page_links
from notifications.channels.base import Limits, Message, News, OutcomeUnknown, PermanentFailure, Receipt
from notifications.channels.vonage import client, ncco
from notifications.channels.vonage.addresses import answer_url, call_url
from notifications.channels.vonage.states import CALLS, call_news
from notifications.phone.kinds import CallChannel

RING_S: Final = 25
"""Ring for so long: shorter than most voicemails wait."""
LINK_AGE: Final = timedelta(hours=2)
"""A call may be queued before it rings; the address of its words must outlive that."""
CLOCKS_APART: Final = timedelta(seconds=2)
STILL_RINGS: Final = frozenset({"started", "ringing"})


class VonageVoice(CallChannel):
    """Phone calls by Vonage."""

    provider: ClassVar[str] = "vonage"
    order: ClassVar[int] = 20
    is_optional: ClassVar[bool] = True
    has_receipts: ClassVar[bool] = True
    can_look_up: ClassVar[bool] = True
    can_withdraw: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits(late_s=30.0, per_s=3.0)
    """Three calls a second and account, unless Vonage was asked for more."""

    def trouble(self) -> str:
        """Return which of Vonage's settings are missing."""
        return client.trouble(
            "VONAGE_APPLICATION_ID", "VONAGE_PRIVATE_KEY", "VONAGE_API_KEY", "VONAGE_SIGNATURE_SECRET", "VONAGE_FROM"
        )

    def prepare(self) -> None:
        """Load the provider's library."""
        if not self.trouble():
            client.calls()

    def send(self, message: Message) -> Receipt:
        """Start a call. The words come from us when it is answered; an unanswerable message carries them along."""
        from vonage_voice import CreateCallRequest
        from vonage_voice.models.ncco import Talk

        asked: dict[str, Any] = {
            "to": [{"type": "phone", "number": client.digits(message.to)}],
            "from_": {"type": "phone", "number": client.digits(settings.VONAGE_FROM)},
            "ringing_timer": RING_S,
            "event_url": [call_url(message)],
            "event_method": "POST",
        }
        if settings.VONAGE_MACHINE_DETECTION == "on":
            asked["machine_detection"] = "hangup"
        if message.answerable:
            token = page_links.sign("voice", message.delivery_id, expires_at=message.sent_at + LINK_AGE)
            asked |= {"answer_url": [answer_url(token)], "answer_method": "POST"}
        else:
            asked["ncco"] = [Talk(**step) for step in ncco.statement(message)]
        return _receipt(client.calls().create_call(CreateCallRequest(**asked)))

    def look_up(self, message: Message, *, since: datetime, known: frozenset[str]) -> Receipt | None:
        """Return the newest call to the number since then that belongs to no other delivery."""
        from vonage_voice import ListCallsFilter

        start = (since - CLOCKS_APART).strftime("%Y-%m-%dT%H:%M:%SZ")
        calls, _next = client.calls().list_calls(ListCallsFilter(date_start=start, order="desc", page_size=100))
        wanted = client.digits(message.to)
        for call in calls:
            if getattr(call.to, "number", "") == wanted and call.uuid not in known and call.direction == "outbound":
                return _receipt(call)
        return None

    def ask(self, ref: str) -> News:
        """Return the call's present status."""
        call = client.calls().get_call(ref)
        news = call_news(ref=ref, status=str(call.status))
        if news is None:
            raise OutcomeUnknown(f"Vonage says {call.status!r} about the call.")
        return news

    def withdraw(self, ref: str) -> None:
        """Stop the call while it rings. Hanging up would end an answered one too, so it is asked for first."""
        calls = client.calls()
        try:
            if str(calls.get_call(ref).status) in STILL_RINGS:
                calls.hangup(ref)
        except PermanentFailure:
            return  # it ended in this moment


def _receipt(call: Any) -> Receipt:
    status = str(call.status)
    return Receipt(ref=str(call.uuid), code=status, check_after_s=CALLS.get(status, (0, "", 30.0))[2])
