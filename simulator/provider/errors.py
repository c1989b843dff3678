"""Twilio's error bodies and the codes the simulator answers with."""

from collections.abc import Mapping

from aiohttp import web

CODE_OF_STATUS: Mapping[int, int] = {400: 20001, 401: 20003, 403: 20403, 404: 20404, 405: 20004, 429: 20429, 503: 20503}

WORDS: Mapping[int, str] = {
    20001: "Bad request",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid 'From' Phone Number",
    21610: "Attempt to send to unsubscribed recipient",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}

# Twilio's test credentials give these numbers their meaning; to each: (code for calls, code for messages, sentence).
FAILING_TO: Mapping[str, tuple[int, int, str]] = {
    "+15005550001": (21211, 21211, "Invalid 'To' Phone Number: {}"),
    "+15005550002": (21214, 21612, "'To' phone number cannot be reached: {}"),
    "+15005550003": (21215, 21408, "Permission to reach {} has not been enabled for the region."),
    "+15005550004": (21610, 21610, "Attempt to send to unsubscribed recipient {}"),
    "+15005550009": (21217, 21614, "'To' number {} is not a valid mobile number"),
}
FAILING_FROM: Mapping[str, tuple[int, str]] = {
    "+15005550001": (21212, "The 'From' number {} is not a valid phone number, shortcode, or alphanumeric sender ID."),
    "+15005550007": (21606, "The 'From' phone number {} is not a valid, SMS-capable number for your account."),
    "+15005550008": (21611, "This 'From' number {} has exceeded the maximum number of queued messages"),
}


class ProviderError(Exception):
    """A refusal in Twilio's form: HTTP status, five-digit code and a sentence."""

    def __init__(self, *, status: int, code: int, message: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(message or WORDS.get(code, f"Error {code}"))
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s


def bad_request(code: int, message: str) -> ProviderError:
    return ProviderError(status=400, code=code, message=message)


def not_found(path: str) -> ProviderError:
    return ProviderError(status=404, code=20404, message=f"The requested resource {path} was not found")


def scripted(*, status: int, code: int | None, retry_after_s: int | None) -> ProviderError:
    """The refusal that a script asks for; without a code, the one Twilio gives with that status."""
    default = 20500 if status >= 500 else 20001
    return ProviderError(
        status=status, code=code or CODE_OF_STATUS.get(status, default), message="", retry_after_s=retry_after_s
    )


def answer(error: ProviderError) -> web.Response:
    """The JSON body that clients of the API parse."""
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s is not None else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    body = {
        "code": error.code,
        "message": str(error),
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return web.json_response(body, status=error.status, headers=headers)
