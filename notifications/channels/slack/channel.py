"""Direct messages by Slack's Web API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from notifications.channels.base import Channel, Limits, Message, OutcomeUnknown, PermanentFailure, Receipt
from notifications.slack import client
from notifications.slack.history import posted, stamped
from notifications.slack.words import blocks_of, text_of, waits_for_answer, without_answers
from web.errors import BadInput

MEMBER: Final = re.compile(r"[UW][A-Z0-9]{5,19}")
CLOCKS_APART: Final = timedelta(seconds=30)
TOO_LATE: Final = frozenset({"message_not_found", "cant_update_message", "channel_not_found", "edit_window_closed"})


class SlackChannel(Channel):
    """A page as a direct message. Taken by Slack counts as sent: nobody knows whether it was read."""

    kind: ClassVar[str] = "slack"
    provider: ClassVar[str] = "slack"
    label: ClassVar[str | Promise] = _("Slack")
    icon: ClassVar[str] = "message"
    address_label: ClassVar[str | Promise] = _("Member ID in Slack")
    address_help: ClassVar[str | Promise] = _(
        "Such as U012AB3CD: your profile in Slack, More, Copy member ID. Or type /incident in Slack and open the link."
    )
    address_type: ClassVar[Literal["tel", "email", "url"]] = "url"
    can_acknowledge: ClassVar[bool] = True
    can_look_up: ClassVar[bool] = True
    can_withdraw: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits()

    def clean_address(self, text: str) -> str:
        """Return the member's id in capitals."""
        address = text.strip().upper()
        if not MEMBER.fullmatch(address):
            sentence = _now("This is not a member ID of Slack. It begins with U or W, such as U012AB3CD.")
            raise BadInput(sentence, errors={"address": sentence})
        return address

    def trouble(self) -> str:
        """Return which of Slack's settings are missing."""
        return client.trouble()

    def prepare(self) -> None:
        """Load the provider's library."""
        client.prepare()

    def send(self, message: Message) -> Receipt:
        """Post the message to the member; its metadata tells which delivery it is."""
        request = {
            "channel": message.to,
            "text": text_of(message),
            "blocks": blocks_of(message),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return _receipt(client.call("chat.postMessage", stamped(request, key=_key(message))))

    def look_up(self, message: Message, *, since: datetime, known: frozenset[str]) -> Receipt | None:  # noqa: ARG002
        """Return the direct message with this delivery's mark, None when there is none."""
        found = posted(channel=message.to, key=_key(message), since=since - CLOCKS_APART)
        return _receipt(found) if found else None

    def withdraw(self, ref: str) -> None:
        """Take the answers' buttons away: somebody answered, or it is over. What was answered there keeps its words."""
        channel, _colon, ts = ref.partition(":")
        where = {"channel": channel, "latest": ts, "oldest": ts, "inclusive": True, "limit": 1}
        try:
            messages = client.call("conversations.history", where).get("messages") or []
            blocks = messages[0].get("blocks") or [] if messages else []
            if not waits_for_answer(blocks):
                return
            changed = {"blocks": without_answers(blocks), "text": str(messages[0].get("text", ""))}
            client.call("chat.update", {"channel": channel, "ts": ts, **changed})
        except PermanentFailure as failure:
            if failure.code not in TOO_LATE:
                raise


def _key(message: Message) -> str:
    # The same for every try: a lease that ran out must find the message of the try before.
    return f"delivery-{message.delivery_id}"


def _receipt(answer: Mapping[str, Any]) -> Receipt:
    channel, ts = str(answer.get("channel") or ""), str(answer.get("ts") or "")
    if not ts:
        raise OutcomeUnknown("Slack took the message and did not say where.", code="no_ts")
    return Receipt(ref=f"{channel}:{ts}")
