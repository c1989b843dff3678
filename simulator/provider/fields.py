"""Checks of what a request asks for, with the codes Twilio refuses it by."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from simulator.provider.errors import FAILING_FROM, FAILING_TO, bad_request

E164 = re.compile(r"\+[1-9]\d{6,14}")
SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{2,11}")
SHORT_CODE = re.compile(r"\d{3,8}")
LONGEST_BODY = 1600
LONGEST_RING_S = 600

Form = Mapping[str, Sequence[str]]


def first(form: Form, name: str, default: str = "") -> str:
    values = form.get(name) or [default]
    return values[0].strip()


def check_call(form: Form) -> None:
    """Raises ProviderError (400) if a call can't be placed as asked."""
    to, sender = first(form, "To"), first(form, "From")
    if not to:
        raise bad_request(21201, "No 'To' number is specified")
    if not sender:
        raise bad_request(21213, "No 'From' number is specified")
    if not E164.fullmatch(to):
        raise bad_request(21211, f"The phone number you are attempting to call, {to}, is not valid.")
    if to in FAILING_TO:
        raise bad_request(FAILING_TO[to][0], FAILING_TO[to][2].format(to))
    if not E164.fullmatch(sender):
        raise bad_request(21212, f"The source phone number provided, {sender}, is not a valid phone number.")
    if sender in FAILING_FROM:
        raise bad_request(FAILING_FROM[sender][0], FAILING_FROM[sender][1].format(sender))
    if not first(form, "Url") and not first(form, "Twiml"):
        raise bad_request(21205, "Url parameter is required.")
    for name in ("Url", "FallbackUrl", "StatusCallback", "AsyncAmdStatusCallback"):
        check_url(form, name, code=21205)
    whole_number(form, "Timeout", default=60, low=1, high=LONGEST_RING_S)
    whole_number(form, "TimeLimit", default=14_400, low=1, high=86_400)


def check_message(form: Form) -> None:
    """Raises ProviderError (400) if a message can't be sent as asked."""
    to, sender, service = first(form, "To"), first(form, "From"), first(form, "MessagingServiceSid")
    if not to:
        raise bad_request(21604, "A 'To' phone number is required.")
    if not sender and not service:
        raise bad_request(21603, "A 'From' phone number is required.")
    if not E164.fullmatch(to):
        raise bad_request(21211, f"Invalid 'To' Phone Number: {to}")
    if to in FAILING_TO:
        raise bad_request(FAILING_TO[to][1], FAILING_TO[to][2].format(to))
    if sender and not any(form_of.fullmatch(sender) for form_of in (E164, SENDER_NAME, SHORT_CODE)):
        raise bad_request(
            21212, f"The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric sender ID."
        )
    if sender in FAILING_FROM:
        raise bad_request(FAILING_FROM[sender][0], FAILING_FROM[sender][1].format(sender))
    body = first(form, "Body")
    if not body and not first(form, "MediaUrl") and not first(form, "ContentSid"):
        raise bad_request(21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise bad_request(21617, "The concatenated message body exceeds the 1600 character limit.")
    check_url(form, "StatusCallback", code=21609)
    whole_number(form, "ValidityPeriod", default=36_000, low=1, high=36_000)


def check_url(form: Form, name: str, *, code: int) -> None:
    """Raises ProviderError (400) if the field is given and no absolute http(s) address."""
    url = first(form, name)
    if not url:
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise bad_request(code, f"{name} is not a valid URL: {url}")


def whole_number(form: Form, name: str, *, default: int, low: int, high: int) -> int:
    """The field as a number. Raises ProviderError (400) if it is none; beyond the limits it is brought within."""
    text = first(form, name)
    if not text:
        return default
    if not text.lstrip("-").isdecimal():
        raise bad_request(20001, f"{name} must be a whole number, not {text}")
    return min(max(int(text), low), high)
