"""What Twilio's refusals mean. The HTTP class decides first, then this table; an unknown 4xx is about the message.

Twilio warns that codes get split over time, so the table is small. Source: twilio.com/docs/api/errors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from notifications.channels.base import ChannelFailure, PermanentFailure, Scope, TemporaryFailure

Meaning = Literal["temporary", "person", "address", "configuration", "message"]
"""temporary: a bad moment of the network. person: nobody there now, try another way. The others are permanent."""

MEANINGS: Final[Mapping[int, Meaning]] = {
    20429: "temporary",  # too many requests
    20500: "temporary",
    20503: "temporary",
    30001: "temporary",  # queue overflow
    30008: "temporary",  # unknown error of the carrier
    30017: "temporary",  # carrier congestion
    30022: "temporary",  # rate exceeded
    30003: "person",  # handset switched off or out of reach
    13224: "address",  # number can't be called
    21211: "address",  # not a phone number
    21214: "address",  # can't be reached
    21217: "address",  # not a valid number to call
    21610: "address",  # replied STOP
    21614: "address",  # not a mobile number
    30004: "address",  # blocked
    30005: "address",  # unknown handset
    30006: "address",  # landline
    20003: "configuration",  # account or token
    20404: "configuration",  # account or resource not there
    21212: "configuration",  # sender is no number of this account
    21215: "configuration",  # calls to the region are switched off
    21219: "configuration",  # trial account, number not verified
    21408: "configuration",  # texts to the region are switched off
    21606: "configuration",  # sender can't send texts
    21608: "configuration",  # trial account, number not verified
    30007: "configuration",  # filtered as spam
    30032: "configuration",  # toll-free sender not verified
    30034: "configuration",  # sender not registered (10DLC)
}
OPTED_OUT: Final = 21610
BAD_CALLBACK_URL: Final = 21609
"""The StatusCallback address is not reachable from Twilio; the call itself could be made without it."""
NOBODY_THERE: Final = frozenset({404, 604})
"""SIP answers that say the number does not exist (RFC 3261 sections 21.4.5 and 21.6.3)."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a code in a callback means for the delivery."""

    scope: Scope | Literal[""]
    opted_out: bool
    try_again: bool


def meaning_of(code: int | None) -> Meaning:
    """Return what a Twilio code means; one that nobody knows is about this one message."""
    return "message" if code is None else MEANINGS.get(code, "message")


def failure_of(*, status: int, body: str, retry_after: str | None) -> ChannelFailure:
    """Return the failure that an HTTP answer of 400 and above stands for."""
    code, sentence = _read(body)
    detail = sentence or f"Twilio answered {status}."
    code_text = str(code or status)
    meaning = meaning_of(code)
    if status == 429 or status >= 500 or meaning in ("temporary", "person"):
        return TemporaryFailure(detail, code=code_text, retry_after_s=_seconds(retry_after))
    if status in (401, 403, 404) and meaning == "message":
        meaning = "configuration"
    return PermanentFailure(detail, scope=_scope(meaning), code=code_text, opted_out=code == OPTED_OUT)


def refusal_of(code: int | None) -> Refusal:
    """Return what the error code of a callback means for the delivery it is about."""
    meaning = meaning_of(code)
    scope: Scope | Literal[""] = "" if meaning in ("temporary", "person", "message") else _scope(meaning)
    return Refusal(scope=scope, opted_out=code == OPTED_OUT, try_again=meaning == "temporary")


def _scope(meaning: Meaning) -> Scope:
    match meaning:
        case "address" | "configuration":
            return meaning
        case _:
            return "message"


def _read(body: str) -> tuple[int | None, str]:
    try:
        content = json.loads(body)
    except ValueError:
        return None, ""
    if not isinstance(content, dict):
        return None, ""
    code = content.get("code")
    return (code if isinstance(code, int) else None), str(content.get("message") or "")


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.strip().isdecimal() else None
