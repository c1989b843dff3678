"""A call as Vonage's call control objects (NCCO): talk, then wait for keys, one step at a time.

Vonage posts to a step's address also when nobody pressed anything, and what it gets back replaces the rest: so each
document holds one question, and the next turn comes from us.
"""

from __future__ import annotations

from typing import Any, Final

from notifications.channels.base import Message
from notifications.channels.vonage.addresses import key_url, pin_url
from notifications.phone import words

Document = list[dict[str, Any]]
LONGEST_TALK: Final = 1500
"""Characters of one talk action (Vonage, "NCCO reference")."""
TURNS: Final = 2
"""How often a question is asked before the call ends."""


def question(message: Message, *, token: str, turn: int = 1, first: str = "", asked_for: bool = False) -> Document:
    """Return what happened and the keys, for the `turn`th time; after the last one, good-bye."""
    if turn > TURNS:
        return [_talk(words.nobody_pressed(message.language), message.language)]
    said = words.asked_twice(message, first=first, asked_for=asked_for)[turn - 1]
    seal = message.seal if asked_for or not message.discreet else ""
    address = key_url(token, seal=seal, turn=turn)
    return [_talk(said, message.language, may_interrupt=True), _keys(address, maxDigits=1)]


def pin_wanted(message: Message, *, token: str, seal: str, turn: int, first: str) -> Document:
    """Return the question for the PIN, asked for the `turn`th time in this call; its last key is the hash."""
    asked, _nothing = words.pin_wanted(first=first, language=message.language)
    address = pin_url(token, seal=seal, turn=turn)
    return [_talk(asked, message.language, may_interrupt=True), _keys(address, maxDigits=20, submitOnHash=True)]


def no_pin(message: Message) -> Document:
    """Return the end of a call in which no PIN was entered."""
    return [_talk(words.pin_wanted(first="", language=message.language)[1], message.language)]


def statement(message: Message) -> Document:
    """Return a call that wants no answer, said twice."""
    return [_talk(said, message.language) for said in words.statement(message)]


def closing(sentence: str, *, language: str) -> Document:
    """Return the last words of a call."""
    return [_talk(words.closing(sentence, language=language), language)]


def _talk(text: str, language: str, *, may_interrupt: bool = False) -> dict[str, Any]:
    said = words.readable(text)[:LONGEST_TALK]
    return {"action": "talk", "text": said, "language": words.voice_of(language), "bargeIn": may_interrupt}


def _keys(address: str, **wanted: Any) -> dict[str, Any]:
    return {
        "action": "input",
        "type": ["dtmf"],
        "dtmf": {"timeOut": words.WAIT_S, **wanted},
        "eventUrl": [address],
        "eventMethod": "POST",
    }
