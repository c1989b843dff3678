"""What Vonage tells about texts, and what people text back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from engine import clock
from notifications.by_text.answering import answer_by_text, opt
from notifications.by_text.replies import read_reply
from notifications.by_text.tries import tries_named
from notifications.channels.vonage.signatures import from_texts
from notifications.channels.vonage.states import text_news
from notifications.inbound import is_new
from notifications.models import ContactMethod, Delivery
from notifications.operations.outbox import post
from notifications.operations.record_callback import record_callback

PROVIDER: Final = "vonage"
OF_USE: Final = timedelta(minutes=10)
"""A confirmation that comes later only confuses."""


@from_texts
def text_receipt(_request: HttpRequest, params: Mapping[str, Any], delivery_id: int, fence: int) -> HttpResponse:
    """Take the receipt of a text."""
    return _taken(params, [(delivery_id, fence)])


@from_texts
def bundle_receipt(_request: HttpRequest, params: Mapping[str, Any]) -> HttpResponse:
    """Take the receipt of a text about several pages: each of its deliveries gets it."""
    return _taken(params, tries_named(str(params.get("client-ref", ""))))


@from_texts
def inbound_text(_request: HttpRequest, params: Mapping[str, Any]) -> HttpResponse:
    """Take a texted answer. An answer to it can't ride along: it goes out as a message of its own, to people."""
    number, body = f"+{params.get('msisdn', '')}", str(params.get("text", ""))
    key, now = str(params.get("messageId", "")), clock.now()
    if not key:
        return HttpResponse(status=200)
    reply = read_reply(body)
    if reply.verb in ("stop", "start"):
        opt(number, out=reply.verb == "stop", provider=PROVIDER, key=key, now=now)
        return HttpResponse(status=200)
    sentence = answer_by_text(number, body=body, reply=reply, provider=PROVIDER, key=key, now=now)
    if sentence:
        _say(number, sentence, key=key, now=now)
    return HttpResponse(status=200)


def _taken(params: Mapping[str, Any], tries: Iterable[tuple[int, int]]) -> HttpResponse:
    ref, code = str(params.get("messageId", "")), str(params.get("err-code", ""))
    news = text_news(ref=ref, status=str(params.get("status", "")), code=code)
    if news is not None and ref:
        for delivery_id, fence in tries:
            record_callback(
                provider=PROVIDER,
                delivery_id=delivery_id,
                fence=fence,
                news=news,
                key=f"{ref}:{news.word}:{code}:{delivery_id}",
                now=clock.now(),
            )
    return HttpResponse(status=200)  # Vonage repeats what is answered otherwise


def _say(number: str, sentence: str, *, key: str, now: datetime) -> None:
    """Text `sentence` to the person whose number it is, by the usual way out; once for each text that came."""
    methods = ContactMethod.objects.filter(
        channel="sms", address=number, disabled_at=None, opted_out_at=None, person__is_active=True
    )
    method = methods.order_by("-verified_at", "created_at").first()
    if method is None:
        return
    with transaction.atomic():
        if not is_new(PROVIDER, f"answer:{key}", now=now):
            return
        post(
            [
                Delivery(
                    person_id=method.person_id,
                    contact_method=method,
                    kind=Delivery.Kind.NEWS,
                    channel=method.channel,
                    address=method.address,
                    content={"headline": sentence},
                    not_before=now,
                    created_at=now,
                    expires_at=now + OF_USE,
                )
            ]
        )
