"""What callers of a line hear, and those who are rung for them, as TwiML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from incidents.models import Incident
from notifications.channels.twilio.spoken import say
from notifications.phone.words import WAIT_S
from people.models import Person
from rooms.calls.operations.ring import Ringing
from rooms.models import CallChoice, CallLine, LiveCall

TURNS: Final = 2
"""How often the menu is heard; who presses nothing then leaves a message."""
LONGEST_MESSAGE_S: Final = 180


def address(call: LiveCall, *rest: str) -> str:
    """Return where the provider asks how a call goes on."""
    return "/".join([f"{settings.PUBLIC_URL}/twilio/calls/{call.pk}", *rest])


def menu(call: LiveCall, line: CallLine, choices: Sequence[CallChoice], *, first: str = "") -> str:
    """Return the greeting and the choice of a service; who presses nothing is asked for a message."""
    with translation.override(line.language):
        keys = " ".join(
            _("For %(service)s, press %(key)s.") % {"service": each.service.name, "key": each.position}
            for each in choices
        )
        answer = VoiceResponse()
        for opening in (first or greeting(line), *[""] * (TURNS - 1)):
            gather = Gather(
                num_digits=1,
                timeout=WAIT_S,
                action=address(call, "choice"),
                method="POST",
                action_on_empty_result=False,
            )
            say(gather, f"{opening} {keys}".strip(), line.language)
            answer.append(gather)
        answer.redirect(address(call, "voicemail"), method="POST")
        return str(answer)


def greeting(line: CallLine) -> str:
    """Return what callers hear first, in the language that is active."""
    return line.greeting or _("Hello. This is the emergency line %(name)s.") % {"name": line.name}


def ringing(call: LiveCall, line: CallLine, people: Sequence[Ringing], *, first: str = "") -> str:
    """Return the dialling of one level; whoever takes it first is put through."""
    with translation.override(line.language):
        answer = VoiceResponse()
        say(answer, f"{first} {_('Please hold. We are calling who is on call.')}".strip(), line.language)
        dial = Dial(
            action=address(call, "next", str(call.level)),
            method="POST",
            timeout=line.ring_s,
            caller_id=settings.TWILIO_FROM,
        )
        for each in people:
            dial.number(each.number, url=address(call, "leg", str(each.person.pk)), method="POST")
        answer.append(dial)
        return str(answer)


def offered(call: LiveCall, person: Person) -> str:
    """Return what somebody hears who is rung: nobody is put through before they press 1, a voicemail never is."""
    with translation.override(person.language):
        answer = VoiceResponse()
        about = call.service.name if call.service is not None else call.line_name
        gather = Gather(
            num_digits=1,
            timeout=WAIT_S,
            action=address(call, "leg", str(person.pk), "answer"),
            method="POST",
            action_on_empty_result=False,
        )
        words = _("This is Muster. A caller needs help with %(about)s. Press 1 to talk to them.") % {"about": about}
        say(gather, words, person.language)
        answer.append(gather)
        answer.hangup()
        return str(answer)


def voicemail(call: LiveCall, line: CallLine) -> str:
    """Return the request for a message; silence is no message."""
    with translation.override(line.language):
        answer = VoiceResponse()
        words = _("Nobody can take your call now. Say what is wrong after the tone, and press the hash key when done.")
        say(answer, words, line.language)
        answer.record(
            action=address(call, "recorded"),
            method="POST",
            max_length=LONGEST_MESSAGE_S,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=address(call, "recording"),
            recording_status_callback_method="POST",
        )
        say(answer, _("Nothing was heard. Good-bye."), line.language)
        answer.hangup()
        return str(answer)


def thanks(incident: Incident, *, language: str) -> str:
    """Return the end of a call that left a message."""
    with translation.override(language):
        digits = " ".join(str(incident.number))
        words = _("Thank you. Incident %(digits)s is open, and people are called now. Good-bye.") % {"digits": digits}
        return closing(words, language=language)


def closing(sentence: str, *, language: str) -> str:
    """Return a sentence and the end of the call."""
    answer = VoiceResponse()
    if sentence:
        say(answer, sentence, language)
    answer.hangup()
    return str(answer)


def through() -> str:
    """Return the document whose end puts a leg through."""
    return str(VoiceResponse())
