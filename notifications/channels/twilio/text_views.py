"""What Twilio asks and tells about texts."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from twilio.twiml.messaging_response import MessagingResponse

from engine import clock
from notifications.by_text.answering import answer_by_text, opt
from notifications.by_text.replies import read_reply
from notifications.by_text.tries import tries_named
from notifications.by_text.words import cut
from notifications.channels.twilio.signatures import from_twilio
from notifications.channels.twilio.states import message_news
from notifications.operations.opt_out import has_opted_out
from notifications.operations.record_callback import record_callback

PROVIDER: Final = "twilio"
LONGEST_TEXT: Final = 1600
"""Characters of one message; Twilio sends nothing of a longer one (error 21617)."""


@from_twilio
def inbound_text(request: HttpRequest) -> HttpResponse:
    """Take a texted answer and confirm it by text; unknown and switched-off numbers get nothing."""
    number = request.POST.get("From", "")
    # Not the header by which Twilio tells its retries: that is not signed, and a recording could come with another one.
    key = request.POST.get("MessageSid", "")
    body, opt_out = request.POST.get("Body", ""), request.POST.get("OptOutType", "")
    reply = read_reply(body, opt_out=opt_out, opted_out=has_opted_out(number, channel="sms"))
    now = clock.now()
    if reply.verb in ("stop", "start"):
        opt(number, out=reply.verb == "stop", provider=PROVIDER, key=key, now=now)
        return _texts()  # Twilio confirms these itself
    sentence = answer_by_text(
        number, body=body, reply=reply, provider=PROVIDER, key=key, now=now, answered=bool(opt_out)
    )
    return HttpResponse(status=204) if sentence is None else _texts(sentence)


@from_twilio
def bundle_status(request: HttpRequest, tries: str) -> HttpResponse:
    """Take news of a text about several pages: each of its deliveries gets them."""
    ref, status = request.POST.get("MessageSid", ""), request.POST.get("MessageStatus", "")
    news = message_news(ref=ref, status=status, error_code=request.POST.get("ErrorCode", ""))
    if news is not None and ref:
        for delivery_id, fence in tries_named(tries):
            record_callback(
                provider=PROVIDER,
                delivery_id=delivery_id,
                fence=fence,
                news=news,
                key=f"{ref}:{news.word}:{delivery_id}",
                now=clock.now(),
            )
    return HttpResponse(status=204)


def _texts(sentence: str = "") -> HttpResponse:
    answer = MessagingResponse()
    if sentence:
        answer.message(cut(sentence, LONGEST_TEXT))
    return HttpResponse(str(answer), content_type="application/xml")
