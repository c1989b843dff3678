"""What Twilio asks and tells. Late, doubled and expired requests get 204 and change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from twilio.twiml.voice_response import VoiceResponse

from engine import clock
from notifications import answers, page_links
from notifications.channels.twilio import spoken
from notifications.channels.twilio.signatures import from_twilio
from notifications.channels.twilio.states import MACHINES, call_news, message_news
from notifications.deciding import Choice
from notifications.inbound import Asked, asked_by_delivery, asked_by_number
from notifications.inbound_calls import InboundCall, at_a_desk, on_a_line
from notifications.keys import Pressed, keys
from notifications.models import Page
from notifications.operations.record_callback import record_callback
from notifications.phone.pressed import AGAIN, DECISIONS, MOST_TURNS, answer_by_key, decide_by_key
from web.errors import Refusal

PROVIDER: Final = "twilio"


@from_twilio
def status(request: HttpRequest, delivery_id: int, fence: int) -> HttpResponse:
    """Take news of a call or a text: one statement for "on its way"."""
    post = request.POST
    if "MessageSid" in post:
        ref = post["MessageSid"]
        news = message_news(ref=ref, status=post.get("MessageStatus", ""), error_code=post.get("ErrorCode", ""))
    else:
        ref = post.get("CallSid", "")
        news = call_news(
            ref=ref,
            status=post.get("CallStatus", ""),
            answered_by=post.get("AnsweredBy", ""),
            sip_code=post.get("SipResponseCode", ""),
        )
    if news is not None and ref:
        record_callback(
            provider=PROVIDER,
            delivery_id=delivery_id,
            fence=fence,
            news=news,
            # Not Twilio's token, which only retries of one request share: the same news may be told twice besides.
            key=f"{ref}:{news.word}:{post.get('SequenceNumber', '')}",
            now=clock.now(),
        )
    return HttpResponse(status=204)


@from_twilio
def voice(request: HttpRequest, token: str) -> HttpResponse:
    """Say what happened and ask for a key. A machine that picked up (where Twilio looks for that) is left a short
    message and counts as nobody, at once."""
    answered_by = request.POST.get("AnsweredBy", "")
    if answered_by.startswith(MACHINES):
        return _call(token, lambda asked: _left(request, asked, answered_by=answered_by))
    return _call(token, lambda asked: _question(asked, token=token))


@from_twilio
def voice_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Do what the pressed key means and say so."""
    digits = request.POST.get("Digits", "")
    # Not the header by which Twilio tells its retries: that is not signed, and a recording could come with another one.
    key = f"{request.POST.get('CallSid', '')}:{digits}:{token}"

    def answered(asked: Asked) -> str:
        if digits in DECISIONS and (asked.message.question or "seal" in request.GET):
            return _decided(request, asked, token=token, approve=DECISIONS[digits], key=key)
        if digits == AGAIN:
            return _question(asked, token=token, asked_for=True)
        sentence = answer_by_key(asked, digits=digits, provider=PROVIDER, key=key, now=clock.now())
        if sentence is not None:
            return spoken.closing(sentence, language=asked.person.language)
        with translation.override(asked.person.language):
            pressed = Pressed(asked=asked, call=request.POST.get("CallSid", ""), key=key, now=clock.now())
            document = keys.press(digits, pressed, provider=PROVIDER)
            return document or _question(asked, token=token, first=_("That key means nothing here."))

    return _call(token, answered, even_when_over=digits in DECISIONS and "seal" in request.GET)


@from_twilio
def voice_pin(request: HttpRequest, token: str) -> HttpResponse:
    """Take the PIN that a yes needs; a wrong one is asked for again, three times in all."""
    turn = request.GET.get("turn", "")
    # Without what was entered: receipts are kept, a PIN never.
    key = f"{request.POST.get('CallSid', '')}:pin:{turn}:{token}"
    pin = request.POST.get("Digits", "")
    return _call(
        token,
        lambda asked: _decided(request, asked, token=token, approve=True, key=key, pin=pin, turn=_number(turn)),
        even_when_over=True,
    )


@from_twilio
def called_back(request: HttpRequest) -> HttpResponse:
    """Somebody calls one of our numbers. A line that a floor above keeps takes its own calls; a person we try to reach
    hears why; then the floors above may know what others call for; there is nothing to say to the rest."""
    now = clock.now()
    call = InboundCall(
        provider=PROVIDER,
        call=request.POST.get("CallSid", ""),
        caller=request.POST.get("From", ""),
        called=request.POST.get("To", ""),
        now=now,
    )
    document = on_a_line(call)
    if document is not None:
        return _xml(document)
    asked = asked_by_number(call.caller, channels=("voice", "sms"), now=now)
    if asked is None or not asked.page.is_open:
        document = at_a_desk(call)
        if document is not None:
            return _xml(document)
    if asked is None:
        silence = VoiceResponse()
        silence.reject(reason="rejected")
        return _xml(str(silence))
    token = page_links.sign("voice", asked.delivery_id, expires_at=now + page_links.LINK_AGE)
    return _xml(_question(asked, token=token))


def _decided(
    request: HttpRequest, asked: Asked, *, token: str, approve: bool, key: str, pin: str = "", turn: int = 0
) -> str:
    """Take a yes or no to what the call said before (its seal is in the address), and return what it says now."""
    choice = Choice(approve=approve, seal=request.GET.get("seal", ""), pin=pin)
    decided = decide_by_key(asked, choice, provider=PROVIDER, key=key, now=clock.now())
    if decided.step == "pin" and turn < MOST_TURNS:
        return spoken.pin_wanted(asked.message, token=token, seal=choice.seal, turn=turn + 1, first=decided.sentence)
    if decided.step == "look" and asked.message.question:
        return _question(asked, token=token, first=decided.sentence, asked_for=True)
    return spoken.closing(decided.sentence, language=asked.person.language)


def _question(asked: Asked, *, token: str, first: str = "", asked_for: bool = False) -> str:
    with translation.override(asked.person.language):
        more = keys.offers(asked, provider=PROVIDER)
    return spoken.question(asked.message, token=token, first=first, more=more, asked_for=asked_for)


def _left(request: HttpRequest, asked: Asked, *, answered_by: str) -> str:
    ref = request.POST.get("CallSid", "")
    news = call_news(ref=ref, status="completed", answered_by=answered_by)
    if news is not None:
        key = f"{ref}:{answered_by}"
        record_callback(
            provider=PROVIDER,
            delivery_id=asked.delivery_id,
            fence=asked.message.fence,
            news=news,
            key=key,
            now=clock.now(),
        )
    # A fax hears nothing, and before its greeting ends a machine doesn't listen.
    return spoken.left_message(asked.message) if answered_by.startswith("machine_end") else spoken.nothing()


def _number(text: str) -> int:
    return int(text) if text in ("1", "2", "3") else MOST_TURNS


def _call(token: str, speak: Callable[[Asked], str], *, even_when_over: bool = False) -> HttpResponse:
    """Answer with what `speak` says. Of an ended page only its end is told, unless the floor that asked knows more."""
    now = clock.now()
    try:
        asked = asked_by_delivery(page_links.read("voice", token, now=now), now=now)
    except Refusal:
        return HttpResponse(status=204)
    if asked.page.state == Page.State.CANCELLED and not even_when_over:
        sentence = answers.over(asked.person, page=asked.page)
        return _xml(spoken.closing(sentence, language=asked.person.language))
    return _xml(speak(asked))


def _xml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="application/xml")
