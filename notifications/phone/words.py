"""What a call says, in the language of who is called, whichever carrier's voice reads it out; pure text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.channels.base import Message

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
_NOT_SAID: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no document carries (XML 1.0, section 2.2): one in a title would leave the caller with an error."""
_LONG_NUMBER: Final = re.compile(r"(?<![\d.,:])\d{3,}(?![\d.,:]\d)")


def voice_of(language: str) -> str:
    """Return the voice that reads this language, as carriers name it."""
    return VOICES.get(language[:2], "en-GB")


def readable(text: str) -> str:
    """Return `text` as a voice should get it: long numbers digit by digit, nothing that a document can't carry."""
    plain = " ".join(_NOT_SAID.sub(" ", text).split())
    return _LONG_NUMBER.sub(lambda found: " ".join(found[0]), plain)


def asked_twice(
    message: Message, *, first: str = "", more: Sequence[str] = (), asked_for: bool = False
) -> tuple[str, str]:
    """Return what is said before a key is waited for, and again: `first` if any, what happened, the keys (`more` too).

    A discreet message tells what happened only once it was `asked_for` by a key.
    """
    with translation.override(message.language):
        if message.discreet and not asked_for:
            greeting = _("Hello %(name)s. This is Muster, about something urgent.") % {"name": message.name}
            story = ""
            keys = _("Press 3 to hear it. Press 1 to acknowledge it. Press 9 if you can't take it.")
        else:
            greeting = _("Hello %(name)s. This is Muster.") % {"name": message.name}
            if message.kind == "reminder":
                greeting = _("Hello %(name)s. This is Muster with a reminder.") % {"name": message.name}
            told = (_sentence_end(message.spoken), _sentence_end(message.question), message.sentence)
            story = " ".join(part for part in told if part)
            keys = " ".join([_keys(message), *more])
        openings = (f"{first} {greeting}".strip(), _("Once more."))
        once, again = (" ".join(part for part in (opening, story, keys) if part) for opening in openings)
        return once, again


def nobody_pressed(language: str) -> str:
    """Return the last words to somebody who pressed nothing."""
    with translation.override(language):
        return _("No key was pressed. We will try to reach you another way. Good-bye.")


def pin_wanted(*, first: str, language: str) -> tuple[str, str]:
    """Return the question for a PIN, and the last words to somebody who entered none."""
    with translation.override(language):
        return (
            f"{first} {_('Enter your PIN, then press the hash key.')}",
            _("No PIN was entered, so nothing was approved. Good-bye."),
        )


def statement(message: Message) -> tuple[str, str]:
    """Return a call that wants no answer, said twice."""
    with translation.override(message.language):
        greeting = _("Hello %(name)s. This is Muster.") % {"name": message.name}
        sentence = _digits_apart(message.sentence) if message.kind == "verification" else message.sentence
        told = (_sentence_end(message.spoken), sentence)
        if message.discreet and message.kind not in ("verification", "test"):
            told = (_("There is news for you. Open Muster to read it."), "")
        story = " ".join(part for part in told if part)
        return f"{greeting} {story}", f"{_('Once more.')} {story} {_('Good-bye.')}"


def left_message(message: Message) -> str:
    """Return what a machine is told: that somebody is wanted, never by what. Anybody may listen to it."""
    with translation.override(message.language):
        words = _("This is Muster with an urgent page for %(name)s. Call back this number, or open Muster.")
        return words % {"name": message.name}


def closing(sentence: str, *, language: str) -> str:
    """Return the last words of a call."""
    with translation.override(language):
        return f"{sentence} {_('Good-bye.')}"


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


def _digits_apart(text: str) -> str:
    return re.sub(r"\d{4,}", lambda found: ", ".join(found[0]), text)


def _sentence_end(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
