"""Any provider of texts that takes one HTTP request for each, as the administrator describes it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from django.conf import settings

from notifications.by_text.words import text_of
from notifications.channels.base import Limits, Message, PermanentFailure, Receipt
from notifications.channels.sms_http.request import content_type_of, request_of, why_wrong
from notifications.outbound_http import Answered, exchange, failure_of
from notifications.phone.kinds import TextChannel

LONGEST_ANSWER: Final = 64 * 1024
NO_ACCESS: Final = frozenset({401, 402, 403, 404, 405})
"""Key, credit, rights or address are wrong: nothing about this number or these words."""


class HttpSmsChannel(TextChannel):
    """One request for each text. Taken counts as sent: nobody calls back, and nobody answers by it but by the link."""

    provider: ClassVar[str] = "http"
    order: ClassVar[int] = 90
    is_optional: ClassVar[bool] = True
    limits: ClassVar[Limits] = Limits()

    def trouble(self) -> str:
        """Return what is missing or can't work."""
        if not settings.SMS_HTTP_URL:
            return "Texts by HTTP need SMS_HTTP_URL to be set."
        return why_wrong(
            url=settings.SMS_HTTP_URL,
            content_type=content_type_of(settings.SMS_HTTP_HEADERS),
            body=settings.SMS_HTTP_BODY,
        )

    def send(self, message: Message) -> Receipt:
        """Ask for one text."""
        values = {
            "to": message.to,
            "digits": message.to.lstrip("+"),
            "text": _words(message),
            "from": settings.SMS_HTTP_FROM,
            "id": str(message.delivery_id),
        }
        request = request_of(
            method=settings.SMS_HTTP_METHOD,
            url=settings.SMS_HTTP_URL,
            headers=settings.SMS_HTTP_HEADERS,
            body=settings.SMS_HTTP_BODY,
            values=values,
        )
        try:
            answer = exchange(
                request.url,
                body=request.body,
                headers=request.headers,
                method=request.method,
                most_bytes=LONGEST_ANSWER,
            )
        except PermanentFailure as failure:
            # Where the provider may not be reached, it is the setting that is wrong and not somebody's number.
            raise PermanentFailure(failure.detail, scope="configuration", code=failure.code) from None
        if not answer.is_good:
            raise failure_of(
                answer, address=frozenset(), otherwise="configuration" if answer.status in NO_ACCESS else "message"
            )
        return _receipt(answer)


def _words(message: Message) -> str:
    """Return the words without the keys to answer by: what is texted back reaches nobody here."""
    told = " ".join(part for part in (message.question, message.sentence) if part)
    return text_of(replace(message, answerable=False, sentence=told))


def _receipt(answer: Answered) -> Receipt:
    wanted = settings.SMS_HTTP_SUCCESS
    if wanted is None:
        return Receipt(code=str(answer.status))
    found = wanted.search(answer.text)
    if found is None:
        raise PermanentFailure(
            f"{answer.host} answered {answer.status}, but not as SMS_HTTP_SUCCESS expects it.",
            scope="message",
            code="not_success",
        )
    return Receipt(ref=str(found.groupdict().get("ref") or "")[:64], code=str(answer.status))
