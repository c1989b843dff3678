"""What Twilio asks and tells about texts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from twilio.twiml.messaging_response import MessagingResponse

from engine import clock
from notifications.by_text.answering import answer_by_text, opt
from notifications.by_text.replies import read_reply
from notifications.channels.twilio.decisions import PROVIDER
from notifications.channels.twilio.signatures import from_twilio


@from_twilio
def inbound_text(request: HttpRequest) -> HttpResponse:
    """Take a texted answer and confirm it by text; unknown and switched-off numbers get nothing."""
    number = request.POST.get("From", "")
    # Retries of one request share Twilio's token.
    key = request.headers.get("I-Twilio-Idempotency-Token", "") or request.POST.get("MessageSid", "")
    body, opt_out = request.POST.get("Body", ""), request.POST.get("OptOutType", "")
    reply = read_reply(body, opt_out=opt_out)
    now = clock.now()
    if reply.verb in ("stop", "start"):
        opt(number, out=reply.verb == "stop", provider=PROVIDER, key=key, now=now)
        return _texts()  # Twilio confirms these itself
    sentence = answer_by_text(
        number, body=body, reply=reply, provider=PROVIDER, key=key, now=now, answered=bool(opt_out)
    )
    return HttpResponse(status=204) if sentence is None else _texts(sentence)


def _texts(sentence: str = "") -> HttpResponse:
    answer = MessagingResponse()
    if sentence:
        answer.message(sentence)
    return HttpResponse(str(answer), content_type="application/xml")
