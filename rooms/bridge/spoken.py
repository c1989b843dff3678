"""What the bridge says on the phone, as TwiML, in the language of who is called."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from incidents.models import Incident
from notifications.channels.twilio.spoken import say
from notifications.phone.words import WAIT_S
from rooms.models import Bridge, BridgeCaller

PIN_TURNS: Final = 3
"""How often a PIN is asked for in one call."""


def joining(bridge: Bridge, caller: BridgeCaller, *, language: str, first: str = "") -> str:
    """Return `first`, where they are led, and the conference; good-bye when that has ended."""
    with translation.override(language):
        answer = VoiceResponse()
        where = _("You are joining the bridge of incident %(digits)s.") % {"digits": _digits(bridge.incident)}
        say(answer, f"{first} {where}".strip(), language)
        dial = Dial()
        dial.conference(
            bridge.room,
            beep="true",
            start_conference_on_enter=True,
            end_conference_on_exit=False,
            participant_label=str(caller.pk),
            status_callback=f"{settings.PUBLIC_URL}/twilio/bridge/{bridge.incident_id}/news",
            status_callback_event="join leave end",
            status_callback_method="POST",
        )
        answer.append(dial)
        say(answer, _("The bridge is closed. Good-bye."), language)
        answer.hangup()
        return str(answer)


def called_in(caller: BridgeCaller, *, language: str, first: str = "") -> str:
    """Return what somebody hears who was dialled: nobody joins before they press 1, a voicemail never does."""
    with translation.override(language):
        answer = VoiceResponse()
        words = _(
            "Hello %(name)s. This is Muster. You are wanted on the bridge of incident %(digits)s. "
            "Press 1 to join it. Press 9 if you can't."
        ) % {"name": caller.name, "digits": _digits(caller.bridge.incident)}
        for opening in (first, _("Once more.")):
            gather = Gather(
                num_digits=1,
                timeout=WAIT_S,
                action=f"{settings.PUBLIC_URL}/twilio/bridge/call/{caller.pk}/answer",
                method="POST",
                action_on_empty_result=False,
            )
            say(gather, f"{opening} {words}".strip(), language)
            answer.append(gather)
        answer.hangup()
        return str(answer)


def pin_wanted(*, language: str, turn: int) -> str:
    """Return the question for the PIN, asked for the `turn`th time in this call: after the first the one before was
    wrong."""
    with translation.override(language):
        answer = VoiceResponse()
        gather = Gather(
            finish_on_key="#",
            timeout=WAIT_S,
            action=f"{settings.PUBLIC_URL}/twilio/bridge/pin?{urlencode({'turn': turn})}",
            method="POST",
            action_on_empty_result=False,
        )
        first = _("That PIN opens no bridge.") if turn > 1 else _("This is Muster.")
        say(gather, f"{first} {_('Enter the PIN of the bridge, then press the hash key.')}", language)
        answer.append(gather)
        say(answer, _("No PIN was entered. Good-bye."), language)
        answer.hangup()
        return str(answer)


def wrong_pin(*, language: str) -> str:
    """Return the end of a call whose PINs are looked at no more."""
    with translation.override(language):
        return closing(f"{_('That PIN opens no bridge.')} {_('Good-bye.')}", language=language)


def closed(*, language: str) -> str:
    """Return the end of a call to a bridge that is there no more."""
    with translation.override(language):
        return closing(_("The bridge is closed. Good-bye."), language=language)


def closing(sentence: str, *, language: str) -> str:
    """Return a sentence and the end of the call."""
    answer = VoiceResponse()
    say(answer, sentence, language)
    answer.hangup()
    return str(answer)


def _digits(incident: Incident) -> str:
    return " ".join(str(incident.number))
