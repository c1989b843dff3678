"""From what a mail provider's API refused to the three failures."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from notifications.channels.base import ChannelFailure, OutcomeUnknown, PermanentFailure, Scope, TemporaryFailure

TRY_LATER: Final = frozenset({408, 421, 425, 429})
ABOUT_US: Final = frozenset({401, 402, 403, 404})
"""A key, an account or a sending domain that the provider does not accept: whomever the mail was for."""
THROTTLED: Final = ("Throttl", "TooManyRequests", "LimitExceeded", "ServiceUnavailable", "InternalFailure")
"""Beginnings of Amazon's error codes that pass by themselves."""
ABOUT_THE_SENDER: Final = frozenset({"invalid-sender", "unsigned", "test-mode-limit", "rule"})
"""Mandrill's reasons for a rejected recipient that are nobody's address (its API reference, "messages/send")."""
REFUSED_MAIL: Final = frozenset({"MessageRejected", "InvalidParameterValue", "BadRequestException"})


def failure_from(error: Exception, *, provider: str) -> ChannelFailure:
    """Return which of the three failures this error of django-anymail's is."""
    from anymail import exceptions

    match error:
        case exceptions.AnymailRecipientsRefused():
            return PermanentFailure(_detail(error, provider), scope=_refused_for(error), code=_refused_as(error))
        case exceptions.AnymailInvalidAddress():
            return PermanentFailure("This is not an address that mail can go to.", scope="address", code="invalid")
        case exceptions.AnymailUnsupportedFeature() | exceptions.AnymailSerializationError():
            return PermanentFailure(_detail(error, provider), scope="message", code="unsupported")
        case exceptions.AnymailConfigurationError():
            return PermanentFailure(_detail(error, provider), scope="configuration", code="not_set")
        case exceptions.AnymailRequestsAPIError():
            return _by_http(error, provider=provider)
    return _by_cause(error, provider=provider)


def _by_http(error: Any, *, provider: str) -> ChannelFailure:
    import requests

    status = error.status_code
    if status is None:
        if isinstance(error, requests.ConnectTimeout) or (
            isinstance(error, requests.ConnectionError) and _never_left(error.__cause__)
        ):
            return TemporaryFailure(f"{provider} can't be reached.", code="unreachable")
        return OutcomeUnknown(f"{provider} gave no answer.", code="no_answer")
    detail, code = _detail(error, provider), str(status)
    if status in TRY_LATER or status >= 500:
        return TemporaryFailure(detail, code=code, retry_after_s=_retry_after_s(error.response))
    if 200 <= status < 300:
        return OutcomeUnknown(f"{provider} answered in words that nobody understands.", code=code)
    scope: Scope = "configuration" if status in ABOUT_US else "message"
    return PermanentFailure(detail, scope=scope, code=code)


def _never_left(cause: object) -> bool:
    """Tell whether the connection was never made, so that nothing can have been sent."""
    from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

    reason = cause.args[0] if isinstance(cause, Exception) and cause.args else cause
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _by_cause(error: Exception, *, provider: str) -> ChannelFailure:
    """Amazon's own library is called instead of HTTP; its errors come as the cause."""
    answer: Any = getattr(error.__cause__, "response", None)
    code = str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""
    detail = _detail(error, provider)
    if code.startswith(THROTTLED):
        return TemporaryFailure(detail, code=code)
    if code in REFUSED_MAIL:
        return PermanentFailure(detail, scope="message", code=code)
    if code:
        return PermanentFailure(detail, scope="configuration", code=code)
    if type(error.__cause__).__name__ in ("EndpointConnectionError", "ConnectTimeoutError"):
        return TemporaryFailure(f"{provider} can't be reached.", code="unreachable")
    return OutcomeUnknown(f"{provider} gave no answer.", code="no_answer")


def _refused_for(error: Any) -> Scope:
    """Tell what a refused recipient is about: Mandrill says so also where it refuses the sender, whoever gets it."""
    try:
        said = error.email_message.anymail_status.esp_response.json()
    except (AttributeError, ValueError):
        return "address"
    refused = [each.get("reject_reason") for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    return "configuration" if ABOUT_THE_SENDER & {str(each) for each in refused} else "address"


def _refused_as(error: Any) -> str:
    status = getattr(getattr(error, "email_message", None), "anymail_status", None)
    return ",".join(sorted(getattr(status, "status", None) or ()))[:20]


def _retry_after_s(response: Any) -> float | None:
    wished = response.headers.get("Retry-After", "") if response is not None else ""
    if wished.isdecimal():
        return float(wished)
    try:
        return max(0.0, (parsedate_to_datetime(wished) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _detail(error: Exception, provider: str) -> str:
    """Return the provider's own words where it said some, on one line."""
    response = getattr(error, "response", None)
    words = getattr(response, "text", "") or str(error)
    return f"{provider}: {' '.join(words.split())}"[:300]
