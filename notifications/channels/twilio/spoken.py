"""What a call says, as TwiML, in the language of who is called."""

from __future__ import annotations

import re
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _
from twilio.twiml.voice_response import Gather, VoiceResponse

from notifications.channels.base import Message
from notifications.channels.twilio.addresses import answer_url, pin_url

WAIT_S: Final = 8
"""How long a key is waited for after the question; people at 03:00 look for their glasses."""
VOICES: Final = {
    "da": "da-DK",
    "de": "de-DE",
    "en": "en-GB",
    "es": "es-ES",
    "fi": "fi-FI",
    "fr": "fr-FR",
    "it": "it-IT",
    "nb": "nb-NO",
    "nl": "nl-NL",
    "pl": "pl-PL",
    "pt": "pt-PT",
    "sv": "sv-SE",
}
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (section 2.2) can't carry: one in a title would leave the caller with an error message."""
_LONG_NUMBER: Final = re.compile(r"(?<![\d.,:])\d{3,}(?![\d.,:]\d)")


def question(message: Message, *, token: str, first: str = "") -> str:
    """Return the whole call: `first` if any, what happened, the keys, everything twice, then good-bye."""
    with translation.override(message.language):
        keys = _keys(message)
        if message.kind == "reminder":
            greeting = _("Hello %(name)s. This is Muster with a reminder.") % {"name": message.name}
        else:
            greeting = _("Hello %(name)s. This is Muster.") % {"name": message.name}
        told = (_sentence_end(message.spoken), _sentence_end(message.question), message.sentence)
        story = " ".join(part for part in told if part)
        answer = VoiceResponse()
        for opening in (f"{first} {greeting}".strip(), _("Once more.")):
            gather = Gather(
                num_digits=1,
                timeout=WAIT_S,
                action=answer_url(token, seal=message.seal),
                method="POST",
                action_on_empty_result=False,
            )
            _say(gather, f"{opening} {story} {keys}", message.language)
            answer.append(gather)
        _say(answer, _("No key was pressed. We will try to reach you another way. Good-bye."), message.language)
        answer.hangup()
        return str(answer)


def pin_wanted(message: Message, *, token: str, seal: str, turn: int, first: str) -> str:
    """Return the question for the PIN, asked for the `turn`th time in this call; its last key is the hash."""
    with translation.override(message.language):
        answer = VoiceResponse()
        gather = Gather(
            finish_on_key="#",
            timeout=WAIT_S,
            action=pin_url(token, seal=seal, turn=turn),
            method="POST",
            action_on_empty_result=False,
        )
        _say(gather, f"{first} {_('Enter your PIN, then press the hash key.')}", message.language)
        answer.append(gather)
        _say(answer, _("No PIN was entered, so nothing was approved. Good-bye."), message.language)
        answer.hangup()
        return str(answer)


def statement(message: Message) -> str:
    """Return a call that wants no answer, said twice."""
    with translation.override(message.language):
        greeting = _("Hello %(name)s. This is Muster.") % {"name": message.name}
        sentence = _digits_apart(message.sentence) if message.kind == "verification" else message.sentence
        story = " ".join(part for part in (_sentence_end(message.spoken), sentence) if part)
        answer = VoiceResponse()
        _say(answer, f"{greeting} {story}", message.language)
        answer.pause(length=1)
        _say(answer, f"{_('Once more.')} {story} {_('Good-bye.')}", message.language)
        answer.hangup()
        return str(answer)


def closing(sentence: str, *, language: str) -> str:
    """Return the last words of a call."""
    with translation.override(language):
        answer = VoiceResponse()
        _say(answer, f"{sentence} {_('Good-bye.')}", language)
        answer.hangup()
        return str(answer)


def nothing() -> str:
    """Return a call that ends without a word."""
    answer = VoiceResponse()
    answer.hangup()
    return str(answer)


def _keys(message: Message) -> str:
    if not message.question:
        return _(
            "Press 1 to acknowledge. Press 2 to escalate to the next person. Press 3 to hear this again. "
            "Press 9 if you can't take it."
        )
    no = _("Press 6 to say no. Press 3 to hear this again. Press 1 only to acknowledge. Press 9 if you can't take it.")
    if message.pin == "missing":
        return f"{_('To approve it you would need a PIN, and you have set none; approve it on the web.')} {no}"
    return f"{_('Press 5 to approve.')} {no}"


def _say(parent: VoiceResponse | Gather, text: str, language: str) -> None:
    readable = " ".join(_NOT_XML.sub(" ", text).split())
    words = _LONG_NUMBER.sub(lambda found: " ".join(found[0]), readable)
    parent.say(words, language=VOICES.get(language[:2], "en-GB"))


def _digits_apart(text: str) -> str:
    return re.sub(r"\d{4,}", lambda found: ", ".join(found[0]), text)


def _sentence_end(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
