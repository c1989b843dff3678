"""What a call says, as TwiML, in the language of who is called."""

from __future__ import annotations

from collections.abc import Sequence

from twilio.twiml.voice_response import Gather, VoiceResponse

from notifications.channels.base import Message
from notifications.channels.twilio.addresses import answer_url, pin_url
from notifications.phone import words
from notifications.phone.words import WAIT_S


def question(
    message: Message, *, token: str, first: str = "", more: Sequence[str] = (), asked_for: bool = False
) -> str:
    """Return the whole call: `first` if any, what happened, the keys (`more` of them), everything twice, then good-bye.

    A discreet message tells what happened only once it was `asked_for` by a key; until then nothing can be approved.
    """
    told = asked_for or not message.discreet
    action = answer_url(token, seal=message.seal) if told else answer_url(token)
    answer = VoiceResponse()
    for said in words.asked_twice(message, first=first, more=more, asked_for=asked_for):
        gather = Gather(num_digits=1, timeout=WAIT_S, action=action, method="POST", action_on_empty_result=False)
        say(gather, said, message.language)
        answer.append(gather)
    say(answer, words.nobody_pressed(message.language), message.language)
    answer.hangup()
    return str(answer)


def left_message(message: Message) -> str:
    """Return what a machine is told: that somebody is wanted, never by what. Anybody may listen to it."""
    return _only(words.left_message(message), language=message.language)


def pin_wanted(message: Message, *, token: str, seal: str, turn: int, first: str) -> str:
    """Return the question for the PIN, asked for the `turn`th time in this call; its last key is the hash."""
    asked, nothing = words.pin_wanted(first=first, language=message.language)
    answer = VoiceResponse()
    gather = Gather(
        finish_on_key="#",
        timeout=WAIT_S,
        action=pin_url(token, seal=seal, turn=turn),
        method="POST",
        action_on_empty_result=False,
    )
    say(gather, asked, message.language)
    answer.append(gather)
    say(answer, nothing, message.language)
    answer.hangup()
    return str(answer)


def statement(message: Message) -> str:
    """Return a call that wants no answer, said twice."""
    once, again = words.statement(message)
    answer = VoiceResponse()
    say(answer, once, message.language)
    answer.pause(length=1)
    say(answer, again, message.language)
    answer.hangup()
    return str(answer)


def closing(sentence: str, *, language: str) -> str:
    """Return the last words of a call."""
    return _only(words.closing(sentence, language=language), language=language)


def nothing() -> str:
    """Return a call that ends without a word."""
    answer = VoiceResponse()
    answer.hangup()
    return str(answer)


def say(parent: VoiceResponse | Gather, text: str, language: str) -> None:
    """Have a voice of this language say `text` in a document or a question: what XML can't carry is left out, and long
    numbers are read digit by digit."""
    parent.say(words.readable(text), language=words.voice_of(language))


def _only(text: str, *, language: str) -> str:
    answer = VoiceResponse()
    say(answer, text, language)
    answer.hangup()
    return str(answer)
