"""What Vonage's refusals mean. The HTTP class decides first, then these tables; what nobody knows is about the message.

Source: developer.vonage.com, "API errors" (SMS API) and "SMS delivery receipts" (error codes).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from notifications.channels.base import ChannelFailure, PermanentFailure, Scope, TemporaryFailure

Meaning = Literal["temporary", "person", "address", "configuration", "message"]
"""temporary: a bad moment of the network. person: nobody there now, try another way. The others are permanent."""

SENDING: Final[Mapping[int, Meaning]] = {
    1: "temporary",  # throttled
    5: "temporary",  # internal error
    10: "temporary",  # too many connections
    2: "configuration",  # a parameter is missing
    3: "address",  # a parameter is wrong: ours are checked, but for the number
    6: "address",  # no network knows this prefix
    7: "address",  # number barred
    33: "address",  # number given up
    4: "configuration",  # key or secret
    8: "configuration",  # account suspended
    9: "configuration",  # no credit
    11: "configuration",  # account not enabled for this
    14: "configuration",  # signature
    15: "configuration",  # sender not allowed
    23: "configuration",  # callback address
    29: "configuration",  # trial account, number not on its list
    32: "configuration",  # signature and secret together
    12: "message",  # too long
}
"""The `status` of a text that was not taken; the answer itself is a 200."""
DELIVERING: Final[Mapping[int, Meaning]] = {
    1: "temporary",  # unknown
    5: "temporary",  # number being moved between carriers
    8: "temporary",  # network error
    12: "temporary",  # destination unreachable
    99: "temporary",  # general error
    2: "person",  # handset switched off or out of reach
    7: "person",  # handset busy
    3: "address",  # subscriber gone
    4: "address",  # barred by its owner
    9: "address",  # illegal number
    14: "address",  # blocked by its carrier
    6: "configuration",  # refused as spam
    16: "configuration",  # quota
    50: "configuration",  # entity not registered
    51: "configuration",  # sender not registered
    52: "configuration",  # content not registered
    53: "configuration",  # consent not registered
    54: "configuration",  # regulation
}
"""The `err-code` of a delivery receipt."""
NO_ACCESS: Final = frozenset({401, 402, 403, 404})


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a code in a receipt means for the delivery."""

    scope: Scope | Literal[""]
    try_again: bool


def failure_of(*, status: int, body: str, retry_after: str | None) -> ChannelFailure:
    """Return the failure that an HTTP answer other than 2xx stands for."""
    detail = _sentence(body) or f"Vonage answered {status}."
    if status in (408, 429) or status >= 500:
        wished = float(retry_after) if retry_after and retry_after.strip().isdecimal() else None
        return TemporaryFailure(detail, code=str(status), retry_after_s=wished)
    return PermanentFailure(detail, scope="configuration" if status in NO_ACCESS else "message", code=str(status))


def refused_text(status: str, words: str) -> ChannelFailure:
    """Return the failure that the status of a text stands for ("0" is none)."""
    code = int(status) if status.isdecimal() else 0
    detail, meaning = words or f"Vonage refused the text ({status}).", SENDING.get(code, "message")
    if meaning in ("temporary", "person"):
        return TemporaryFailure(detail, code=status)
    return PermanentFailure(detail, scope=_scope(meaning), code=status)


def refusal_of(code: str) -> Refusal:
    """Return what the error code of a receipt means for the delivery it is about."""
    meaning = DELIVERING.get(int(code), "message") if code.isdecimal() else "message"
    soft = meaning in ("temporary", "person", "message")
    return Refusal(scope="" if soft else _scope(meaning), try_again=meaning == "temporary")


def _scope(meaning: Meaning) -> Scope:
    match meaning:
        case "address" | "configuration":
            return meaning
        case _:
            return "message"


def _sentence(body: str) -> str:
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    return str(content.get("detail") or content.get("error_title") or content.get("title") or "")
