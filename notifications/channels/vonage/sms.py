"""Text messages by Vonage's SMS API."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from django.conf import settings

from notifications.by_text.tries import tries_of
from notifications.by_text.words import text_of
from notifications.channels.base import ChannelFailure, Limits, Message, News, OutcomeUnknown, Receipt
from notifications.channels.vonage import client
from notifications.channels.vonage.addresses import text_url
from notifications.channels.vonage.errors import refused_text
from notifications.phone.kinds import TextChannel

LONGEST_CALLBACK: Final = 100
"""Characters of a callback address (SMS API reference): a longer one would lose the text with it."""
LONGEST_NAME: Final = 100
"""Characters of a name of ours that comes back with the receipt (SMS API reference)."""
SHORTEST_TTL_MS: Final = 20_000
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€"
)
"""The GSM alphabet and its extension (3GPP TS 23.038, 6.2.1): anything else goes as Unicode, or as question marks."""
_REFUSED: Final = re.compile(r"error code (\d+): (.*)", re.DOTALL)


class VonageSms(TextChannel):
    """Text messages by Vonage."""

    provider: ClassVar[str] = "vonage"
    order: ClassVar[int] = 20
    is_optional: ClassVar[bool] = True
    has_receipts: ClassVar[bool] = True
    asks_in_words: ClassVar[bool] = True
    names_several: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits(per_s=30.0)
    """Thirty requests a second and account, unless Vonage was asked for more."""

    def trouble(self) -> str:
        """Return which of Vonage's settings are missing."""
        return client.trouble("VONAGE_API_KEY", "VONAGE_API_SECRET", "VONAGE_SIGNATURE_SECRET", "VONAGE_FROM")

    def prepare(self) -> None:
        """Load the provider's library."""
        if not self.trouble():
            client.texts()

    def send(self, message: Message) -> Receipt:
        """Send a text; the network drops it when it can't be delivered while it is of use."""
        from vonage_sms import SmsMessage
        from vonage_sms.errors import PartialFailureError, SmsError

        text, callback = text_of(message), text_url(message)
        asked: dict[str, Any] = {
            "to": client.digits(message.to),
            "from_": client.digits(settings.VONAGE_FROM),
            "text": text,
            "type": "text" if set(text) <= _GSM else "unicode",
            "client_ref": tries_of(message)[:LONGEST_NAME],
        }
        if message.valid_s is not None:
            asked["ttl"] = max(message.valid_s * 1000, SHORTEST_TTL_MS)
        if len(callback) <= LONGEST_CALLBACK:
            asked["callback"] = callback
        try:
            made = client.texts().send(SmsMessage(**asked))
        except PartialFailureError as error:
            raise _partly(error) from None
        except SmsError as error:
            found = _REFUSED.search(str(error))
            raise refused_text(*(found.groups() if found else ("", str(error)))) from None
        return Receipt(ref=str(made.messages[0].message_id), code="0")

    def ask(self, ref: str) -> News:
        """Vonage tells of a text by itself or not at all."""
        raise OutcomeUnknown(f"Vonage can't be asked about the text {ref}.")


def _partly(error: Any) -> ChannelFailure:
    """Return what a long text means of which not every part was taken; `error.response` is the answer itself."""
    parts = error.response["messages"]
    refused = next(part for part in parts if part["status"] != "0")
    if any(part["status"] == "0" for part in parts):
        return OutcomeUnknown("Vonage took only a part of the text.", code=str(refused["status"]))
    return refused_text(str(refused["status"]), str(refused.get("error-text", "")))
