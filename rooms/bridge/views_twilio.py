"""What Twilio asks and tells about bridges. Signed requests only; doubled ones change nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from engine import clock
from notifications.channels.twilio.signatures import from_twilio
from notifications.channels.twilio.states import CALL_WORDS, MACHINES
from notifications.inbound_calls import InboundCall
from notifications.models import Page, Responder
from notifications.operations.acknowledge import acknowledge
from notifications.queries import OPEN_STATES
from people.actors import actor_for
from people.models import Person
from rooms.bridge import spoken
from rooms.bridge.operations.admit import admit
from rooms.bridge.operations.call_in import miss
from rooms.bridge.operations.dial_in import dial_in, is_locked, open_bridges
from rooms.bridge.operations.note_news import BridgeNews, Word, note_news
from rooms.bridge.phones import owner_of
from rooms.bridge.recording import subject_of
from rooms.models import Bridge, BridgeCaller
from web.errors import Refusal

WORDS: Final[Mapping[str, Word]] = {
    "participant-join": "joined",
    "participant-leave": "left",
    "conference-end": "ended",
}


@from_twilio
def bridge_news(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Take news of who joined and who left."""
    word = WORDS.get(request.POST.get("StatusCallbackEvent", ""))
    if word is not None:
        with transaction.atomic():
            news = BridgeNews(call=request.POST.get("CallSid", ""), word=word)
            note_news(incident_id=incident_id, news=news, now=clock.now())
    return HttpResponse(status=204)


@from_twilio
def bridge_pin(request: HttpRequest) -> HttpResponse:
    """Take the PIN of somebody who dialled in."""
    number, call = request.POST.get("From", ""), request.POST.get("CallSid", "")
    now = clock.now()
    with transaction.atomic():
        caller = dial_in(pin=request.POST.get("Digits", ""), number=number, call=call, now=now)
    if caller is not None:
        return _xml(spoken.joining(caller.bridge, caller, language=_language_of(caller.person)))
    turn, language = request.GET.get("turn", ""), _language_of(owner_of(number))
    if turn not in ("1", "2") or is_locked(number=number, now=now):
        return _xml(spoken.wrong_pin(language=language))
    return _xml(spoken.pin_wanted(language=language, turn=int(turn) + 1))


@from_twilio
def bridge_call(_request: HttpRequest, caller_id: int) -> HttpResponse:
    """Say to somebody who was dialled what they are wanted for."""
    caller = _caller(caller_id)
    if caller is None or not _is_open(caller):
        return _xml(spoken.closed(language=_language_of(caller.person if caller else None)))
    return _xml(spoken.called_in(caller, language=_language_of(caller.person)))


@from_twilio
def bridge_call_answer(request: HttpRequest, caller_id: int) -> HttpResponse:
    """1 joins, which is their answer to a page of the incident too; 9 does not."""
    caller = _caller(caller_id)
    if caller is None or not _is_open(caller):
        return _xml(spoken.closed(language=_language_of(caller.person if caller else None)))
    digits, now, language = request.POST.get("Digits", ""), clock.now(), _language_of(caller.person)
    with translation.override(language):
        if digits == "9":
            with transaction.atomic():
                bridge = Bridge.objects.select_for_update(no_key=True).get(pk=caller.bridge_id)
                fresh = bridge.callers.get(pk=caller.pk)
                miss(bridge=bridge, caller=fresh, reason="They can't join now.", now=now)
            return _xml(spoken.closing(_("Understood. Good-bye."), language=language))
        if digits != "1":
            return _xml(spoken.called_in(caller, language=language, first=_("That key means nothing here.")))
    _acknowledge_for(caller)
    with transaction.atomic():
        BridgeCaller.objects.filter(pk=caller.pk, call="").update(call=request.POST.get("CallSid", ""))
        admit(
            bridge=caller.bridge,
            call=request.POST.get("CallSid", ""),
            how=BridgeCaller.How.CALLED_IN,
            person=caller.person,
            number=caller.number,
            now=now,
        )
    return _xml(spoken.joining(caller.bridge, caller, language=language))


@from_twilio
def bridge_call_status(request: HttpRequest, caller_id: int) -> HttpResponse:
    """Take the end of a call in: who never joined was not reached."""
    caller = _caller(caller_id)
    if caller is not None:
        status, machine = request.POST.get("CallStatus", ""), request.POST.get("AnsweredBy", "").startswith(MACHINES)
        reason = "A machine answered." if machine else CALL_WORDS.get(status, "They hung up without joining.")
        with transaction.atomic():
            bridge = Bridge.objects.select_for_update(no_key=True).get(pk=caller.bridge_id)
            miss(bridge=bridge, caller=bridge.callers.get(pk=caller.pk), reason=reason, now=clock.now())
    return HttpResponse(status=204)


def take_call(call: InboundCall) -> str | None:
    """Ask somebody who calls our number for a PIN while there is a bridge to come into."""
    if not open_bridges() or is_locked(number=call.caller, now=call.now):
        return None
    return spoken.pin_wanted(language=_language_of(owner_of(call.caller)), turn=1)


def _acknowledge_for(caller: BridgeCaller) -> None:
    """Take the key for their answer to the incident's pages that still call them; a refusal keeps nobody out."""
    if caller.person is None:
        return
    silent = (Responder.State.CALLED, Responder.State.DELIVERED, Responder.State.LATE, Responder.State.UNREACHABLE)
    called = Responder.objects.filter(person=caller.person, state__in=silent)
    pages = Page.objects.filter(subject=subject_of(caller.bridge), state__in=OPEN_STATES, pk__in=called.values("page"))
    by = actor_for(caller.person, via="voice")
    for page_id in pages.order_by("pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                acknowledge(page_id=page_id, person=caller.person, by=by, via="voice", now=clock.now())
        except Refusal:
            continue


def _caller(caller_id: int) -> BridgeCaller | None:
    return BridgeCaller.objects.select_related("bridge__incident", "person").filter(pk=caller_id).first()


def _is_open(caller: BridgeCaller) -> bool:
    is_here = caller.person is None or caller.person.is_active
    return is_here and caller.bridge.closed_at is None and caller.bridge.incident.is_open


def _language_of(person: Person | None) -> str:
    return person.language if person is not None else "en"


def _xml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="application/xml")
