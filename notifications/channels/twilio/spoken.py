"""What a call says, as TwiML, in the language of who is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
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


def question(
    message: Message, *, token: str, first: str = "", more: Sequence[str] = (), asked_for: bool = False
) -> str:
    """Return the whole call: `first` if any, what happened, the keys (`more` of them), everything twice, then good-bye.

    A discreet message tells what happened only once it was `asked_for` by a key; until then nothing can be approved.
    """
    if message.discreet and not asked_for:
        return _discreet(message, token=token, first=first)
    with translation.override(message.language):
        keys = " ".join([_keys(message), *more])
        if message.kind == "reminder":
            greeting = _("Hello %(name)s. This is Muster with a reminder.") % {"name": message.name}
        else:
            greeting = _("Hello %(name)s. This is Muster.") % {"name": message.name}
        told = (_sentence_end(message.spoken), _sentence_end(message.question), message.sentence)
        story = " ".join(part for part in told if part)
        said = [f"{opening} {story} {keys}" for opening in (f"{first} {greeting}".strip(), _("Once more."))]
        return _asked_twice(said, action=answer_url(token, seal=message.seal), language=message.language)


def _discreet(message: Message, *, token: str, first: str) -> str:
    with translation.override(message.language):
        what = _("Hello %(name)s. This is Muster, about something urgent.") % {"name": message.name}
        keys = _("Press 3 to hear it. Press 1 to acknowledge it. Press 9 if you can't take it.")
        said = [f"{opening} {keys}" for opening in (f"{first} {what}".strip(), _("Once more."))]
        return _asked_twice(said, action=answer_url(token), language=message.language)


def _asked_twice(said: Sequence[str], *, action: str, language: str) -> str:
    """Return a call that says each of these, waits for a key after it, and ends when none was pressed."""
    answer = VoiceResponse()
    for words in said:
        gather = Gather(num_digits=1, timeout=WAIT_S, action=action, method="POST", action_on_empty_result=False)
        say(gather, words, language)
        answer.append(gather)
    say(answer, _("No key was pressed. We will try to reach you another way. Good-bye."), language)
    answer.hangup()
    return str(answer)


def left_message(message: Message) -> str:
    """Return what a machine is told: that somebody is wanted, never by what. Anybody may listen to it."""
    with translation.override(message.language):
        answer = VoiceResponse()
        words = _("This is Muster with an urgent page for %(name)s. Call back this number, or open Muster.")
        say(answer, words % {"name": message.name}, message.language)
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
        say(gather, f"{first} {_('Enter your PIN, then press the hash key.')}", message.language)
        answer.append(gather)
        say(answer, _("No PIN was entered, so nothing was approved. Good-bye."), message.language)
        answer.hangup()
        return str(answer)


def statement(message: Message) -> str:
    """Return a call that wants no answer, said twice."""
    with translation.override(message.language):
        greeting = _("Hello %(name)s. This is Muster.") % {"name": message.name}
        sentence = _digits_apart(message.sentence) if message.kind == "verification" else message.sentence
        told = (_sentence_end(message.spoken), sentence)
        if message.discreet and message.kind not in ("verification", "test"):
            told = (_("There is news for you. Open Muster to read it."), "")
        story = " ".join(part for part in told if part)
        answer = VoiceResponse()
        say(answer, f"{greeting} {story}", message.language)
        answer.pause(length=1)
        say(answer, f"{_('Once more.')} {story} {_('Good-bye.')}", message.language)
        answer.hangup()
        return str(answer)


def closing(sentence: str, *, language: str) -> str:
    """Return the last words of a call."""
    with translation.override(language):
        answer = VoiceResponse()
        say(answer, f"{sentence} {_('Good-bye.')}", language)
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


def say(parent: VoiceResponse | Gather, text: str, language: str) -> None:
    """Have a voice of this language say `text` in a document or a question: what XML can't carry is left out, and long
    numbers are read digit by digit."""
    readable = " ".join(_NOT_XML.sub(" ", text).split())
    words = _LONG_NUMBER.sub(lambda found: " ".join(found[0]), readable)
    parent.say(words, language=VOICES.get(language[:2], "en-GB"))


def _digits_apart(text: str) -> str:
    return re.sub(r"\d{4,}", lambda found: ", ".join(found[0]), text)


def _sentence_end(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
