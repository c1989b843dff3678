"""What Vonage asks and tells about calls. Late, doubled and expired requests get 204 and change nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _

from engine import clock
from notifications import answers, page_links
from notifications.channels.vonage import ncco
from notifications.channels.vonage.signatures import from_voice
from notifications.channels.vonage.states import call_news
from notifications.deciding import Choice
from notifications.inbound import Asked, asked_by_delivery, asked_by_number
from notifications.models import Page
from notifications.operations.record_callback import record_callback
from notifications.phone.pressed import AGAIN, DECISIONS, MOST_TURNS, answer_by_key, decide_by_key
from web.errors import Refusal

PROVIDER: Final = "vonage"
Content = Mapping[str, Any]


@from_voice
def call_event(_request: HttpRequest, content: Content, delivery_id: int, fence: int) -> HttpResponse:
    """Take news of a call."""
    ref = _text(content, "uuid")
    news = call_news(ref=ref, status=_text(content, "status"), detail=_text(content, "detail"))
    if news is not None and ref:
        record_callback(
            provider=PROVIDER,
            delivery_id=delivery_id,
            fence=fence,
            news=news,
            key=f"{ref}:{news.word}",
            now=clock.now(),
        )
    return HttpResponse(status=204)


@from_voice
def other_event(_request: HttpRequest, _content: Content) -> HttpResponse:
    """Take news of calls that others placed: there is nothing to do about them."""
    return HttpResponse(status=204)


@from_voice
def words(_request: HttpRequest, _content: Content, token: str) -> HttpResponse:
    """Say what happened and ask for a key."""
    return _call(token, lambda asked: ncco.question(asked.message, token=token))


@from_voice
def key_pressed(request: HttpRequest, content: Content, token: str) -> HttpResponse:
    """Do what the pressed key means and say so; pressed nothing, they are asked once more."""
    digits, turn = _digits(content), _turn(request)
    seal = request.GET.get("seal", "")
    key = f"{_text(content, 'uuid')}:{turn}:{digits}:{token}"

    def answered(asked: Asked) -> ncco.Document:
        if digits in DECISIONS and (asked.message.question or seal):
            return _decided(asked, token=token, choice=Choice(approve=DECISIONS[digits], seal=seal), key=key)
        if not digits:
            return ncco.question(asked.message, token=token, turn=turn + 1, asked_for=bool(seal))
        if digits == AGAIN:
            return ncco.question(asked.message, token=token, asked_for=True)
        sentence = answer_by_key(asked, digits=digits, provider=PROVIDER, key=key, now=clock.now())
        if sentence is not None:
            return ncco.closing(sentence, language=asked.person.language)
        with translation.override(asked.person.language):
            return ncco.question(asked.message, token=token, first=_("That key means nothing here."))

    return _call(token, answered, even_when_over=digits in DECISIONS and bool(seal))


@from_voice
def pin_entered(request: HttpRequest, content: Content, token: str) -> HttpResponse:
    """Take the PIN that a yes needs; a wrong one is asked for again, three times in all."""
    pin, turn = _digits(content), _turn(request)
    # Without what was entered: receipts are kept, a PIN never.
    key = f"{_text(content, 'uuid')}:pin:{turn}:{token}"
    choice = Choice(approve=True, seal=request.GET.get("seal", ""), pin=pin)

    def answered(asked: Asked) -> ncco.Document:
        if not pin:
            return ncco.no_pin(asked.message)
        return _decided(asked, token=token, choice=choice, key=key, turn=turn)

    return _call(token, answered, even_when_over=True)


@from_voice
def called_back(_request: HttpRequest, content: Content) -> HttpResponse:
    """Somebody calls our number: a person we tried to reach hears why; for others there is nothing to say."""
    now = clock.now()
    asked = asked_by_number(f"+{_text(content, 'from')}", channels=("voice", "sms"), now=now)
    if asked is None:
        return _ncco([])
    token = page_links.sign("voice", asked.delivery_id, expires_at=now + page_links.LINK_AGE)
    return _ncco(ncco.question(asked.message, token=token))


def _decided(asked: Asked, *, token: str, choice: Choice, key: str, turn: int = 0) -> ncco.Document:
    """Take a yes or no to what the call said before (its seal is in the address), and return what it says now."""
    decided = decide_by_key(asked, choice, provider=PROVIDER, key=key, now=clock.now())
    if decided.step == "pin" and turn < MOST_TURNS:
        return ncco.pin_wanted(asked.message, token=token, seal=choice.seal, turn=turn + 1, first=decided.sentence)
    if decided.step == "look" and asked.message.question:
        return ncco.question(asked.message, token=token, first=decided.sentence, asked_for=True)
    return ncco.closing(decided.sentence, language=asked.person.language)


def _call(token: str, speak: Callable[[Asked], ncco.Document], *, even_when_over: bool = False) -> HttpResponse:
    """Answer with what `speak` says. Of an ended page only its end is told, unless the floor that asked knows more."""
    now = clock.now()
    try:
        asked = asked_by_delivery(page_links.read("voice", token, now=now), now=now)
    except Refusal:
        return _ncco([])
    if asked.page.state == Page.State.CANCELLED and not even_when_over:
        return _ncco(ncco.closing(answers.over(asked.person, page=asked.page), language=asked.person.language))
    return _ncco(speak(asked))


def _ncco(document: ncco.Document) -> HttpResponse:
    return JsonResponse(document, safe=False)


def _digits(content: Content) -> str:
    dtmf = content.get("dtmf")
    digits = str(dtmf.get("digits") or "") if isinstance(dtmf, Mapping) else str(dtmf or "")
    return digits if digits.isdecimal() else ""


def _turn(request: HttpRequest) -> int:
    turn = request.GET.get("turn", "")
    return int(turn) if turn in ("1", "2", "3") else MOST_TURNS


def _text(content: Content, name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""
