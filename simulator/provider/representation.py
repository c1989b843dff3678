"""Calls and messages as the API's JSON shows them (names and formats of Twilio's OpenAPI description)."""

import hashlib
import math
import re
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from simulator.records import Call, Message

API_VERSION = "2010-04-01"
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")
CALL_PARTS = ("events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions")


def rfc_2822(moment: datetime | None) -> str | None:
    """`Fri, 18 Oct 2019 17:00:00 +0000`: whole seconds, as Twilio gives them."""
    return format_datetime(moment) if moment else None


def duration_s(call: Call) -> int:
    """Whole seconds from answer to end; 0 if nobody answered."""
    if call.started_at is None or call.ended_at is None:
        return 0
    return math.ceil((call.ended_at - call.started_at).total_seconds())


def segments(body: str) -> int:
    """How many short messages a text takes: 160 or 153 characters each in GSM-7, else 70 or 67 (3GPP TS 23.040)."""
    plain = set(body) <= GSM_7
    length = len(body) if plain else len(body.encode("utf-16-le")) // 2
    alone, joined = (160, 153) if plain else (70, 67)
    return 1 if length <= alone else math.ceil(length / joined)


def call_json(call: Call) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "parent_call_sid": call.parent or None,
        "to": call.to,
        "to_formatted": _formatted(call.to),
        "from": call.from_number,
        "from_formatted": _formatted(call.from_number),
        "phone_number_sid": "PN" + hashlib.sha256(call.service.encode()).hexdigest()[:32],
        "status": call.state,
        "start_time": rfc_2822(call.started_at),
        "end_time": rfc_2822(call.ended_at),
        "duration": str(duration_s(call)) if call.is_final else None,
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "date_created": rfc_2822(call.received_at),
        "date_updated": rfc_2822(call.updated_at or call.received_at),
        "uri": f"{uri}.json",
        "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in CALL_PARTS},
    }


def message_json(message: Message) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": message.account_sid,
        "body": message.body,
        "num_segments": str(segments(message.body)),
        "num_media": "0",
        "direction": message.direction,
        "from": message.from_number or None,
        "to": message.to,
        "status": message.state,
        "error_code": message.error_code,
        "error_message": message.error_message,
        "messaging_service_sid": message.param("MessagingServiceSid") or None,
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "date_created": rfc_2822(message.received_at),
        "date_sent": rfc_2822(message.sent_at),
        "date_updated": rfc_2822(message.updated_at or message.received_at),
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
    }


def _formatted(number: str) -> str:
    return NORTH_AMERICAN.sub(r"(\1) \2-\3", number)
