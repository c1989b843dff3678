"""What Twilio asks about calls to our lines. Signed requests only; repeated ones change nothing more."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from engine import clock
from notifications.channels.twilio.signatures import from_twilio
from notifications.channels.twilio.states import MACHINES
from notifications.inbound_calls import InboundCall
from people.models import Person
from rooms.calls import spoken
from rooms.calls.operations.receive import choose, receive
from rooms.calls.operations.ring import hang_up, ring_next, take
from rooms.calls.operations.take_message import offer_voicemail, take_message
from rooms.models import CallLine, LiveCall

PROVIDER: Final = "twilio"
ENDED: Final = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


def take_call(inbound: InboundCall) -> str | None:
    """Answer a call to one of our lines; None for any other number."""
    line = CallLine.objects.filter(number=inbound.called).first() if inbound.provider == PROVIDER else None
    if line is None:
        return None
    call = receive(line=line, call=inbound.call, caller=inbound.caller, now=inbound.now)
    choices = list(line.choices.select_related("service__policy"))
    match choices:
        case []:
            return _voicemail(call, line)
        case [only]:
            with translation.override(line.language):
                first = spoken.greeting(line)
            chosen = choose(call=call, service=only.service, now=inbound.now)
            return _ring(chosen, line, after=0, first=first)
        case _:
            return spoken.menu(call, line, choices)


@from_twilio
def call_choice(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Ring who is on call for the chosen service; another key hears the menu again."""
    call, line = _found(call_id)
    if call is None or line is None:
        return _over()
    choices = {str(each.position): each for each in line.choices.select_related("service__policy")}
    chosen = choices.get(request.POST.get("Digits", ""))
    if chosen is None:
        with translation.override(line.language):
            first = _("That key means nothing here.")
        return _xml(spoken.menu(call, line, list(choices.values()), first=first))
    return _xml(_ring(choose(call=call, service=chosen.service, now=clock.now()), line, after=0))


@from_twilio
def call_next(request: HttpRequest, call_id: UUID, level: int) -> HttpResponse:
    """A level rang: its caller was put through and is done, or the next one rings, or a message is asked for."""
    call, line = _found(call_id)
    if call is None or line is None:
        return _over()
    if call.taken_by_id is not None or request.POST.get("CallStatus", "") in ENDED:
        hang_up(call=call, now=clock.now())
        return _xml(spoken.closing("", language=line.language))
    return _xml(_ring(call, line, after=level))


@from_twilio
def call_leg(request: HttpRequest, call_id: UUID, person_id: UUID) -> HttpResponse:
    """Say to somebody who is rung what the caller needs; a machine is hung up on."""
    call, line = _found(call_id)
    person = Person.objects.active().filter(pk=person_id).first()
    machine = request.POST.get("AnsweredBy", "").startswith(MACHINES)
    if call is None or line is None or person is None or call.is_over or machine:
        return _over()
    return _xml(spoken.offered(call, person))


@from_twilio
def call_leg_answer(request: HttpRequest, call_id: UUID, person_id: UUID) -> HttpResponse:
    """1 takes the call, for the first one who presses it."""
    call, _line = _found(call_id)
    person = Person.objects.active().filter(pk=person_id).first()
    if call is None or person is None or request.POST.get("Digits", "") != "1":
        return _over()
    taker = take(call=call, person_id=person.pk, now=clock.now())
    if taker == person:
        return _xml(spoken.through())
    with translation.override(person.language):
        said = _("%(name)s has taken the call. Good-bye.") % {"name": taker.name} if taker else _("The caller is gone.")
    return _xml(spoken.closing(said, language=person.language))


@from_twilio
def call_voicemail(_request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Ask for a message."""
    call, line = _found(call_id)
    return _over() if call is None or line is None else _xml(_voicemail(call, line))


@from_twilio
def call_recorded(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Take the message: it opens an incident, and its caller is told so."""
    call, line = _found(call_id)
    address = request.POST.get("RecordingUrl", "")
    if call is None or line is None or not address:
        return _over()
    incident = take_message(call=call, recording=address, seconds=_seconds(request), now=clock.now())
    return _xml(spoken.thanks(incident, language=line.language))


@from_twilio
def call_recording(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Take the news that a recording is there: whatever became of the request before, the message is not lost."""
    call, _line = _found(call_id)
    address = request.POST.get("RecordingUrl", "")
    if call is not None and address and request.POST.get("RecordingStatus", "") == "completed":
        take_message(call=call, recording=address, seconds=_seconds(request), now=clock.now())
    return HttpResponse(status=204)


def _ring(call: LiveCall, line: CallLine, *, after: int, first: str = "") -> str:
    people = ring_next(call=call, after=after, now=clock.now())
    if not people:
        return _voicemail(call, line)
    call.refresh_from_db(fields=["level"])
    return spoken.ringing(call, line, people, first=first)


def _voicemail(call: LiveCall, line: CallLine) -> str:
    offer_voicemail(call=call, now=clock.now())
    return spoken.voicemail(call, line)


def _found(call_id: UUID) -> tuple[LiveCall | None, CallLine | None]:
    call = LiveCall.objects.select_related("line", "service", "taken_by").filter(pk=call_id).first()
    return (call, call.line) if call is not None else (None, None)


def _seconds(request: HttpRequest) -> int:
    text = request.POST.get("RecordingDuration", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _over() -> HttpResponse:
    return _xml(spoken.closing("", language="en"))


def _xml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="application/xml")
