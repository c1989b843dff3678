"""What a person meant who answered a text; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final, Literal

Verb = Literal["acknowledge", "escalate", "decline", "approve", "deny", "stop", "start", "help", ""]

_WORDS: Final[dict[str, Verb]] = {
    **dict.fromkeys(("1", "a", "ack", "acknowledge", "acknowledged", "yes", "y", "ok", "okay"), "acknowledge"),
    **dict.fromkeys(("2", "e", "esc", "escalate", "next"), "escalate"),
    **dict.fromkeys(("9", "n", "no", "decline", "cant", "cannot"), "decline"),
}
# Whole words only, and none of those above: a yes to the call must never be taken for a yes to what it is about.
_DECISIONS: Final[dict[str, Verb]] = {
    **dict.fromkeys(("approve", "approved"), "approve"),
    **dict.fromkeys(("deny", "denied"), "deny"),
}
# Twilio answers these by itself and from then on refuses texts (21610) or allows them again.
_STOP: Final = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
_START: Final = frozenset({"start", "unstop"})
_START_AGAIN: Final = "yes"
"""Twilio takes it for START where texts had been refused, without telling us so; a yes to a page at any other time."""
_HELP: Final = frozenset({"help", "info"})
_CODE: Final = re.compile(r"[0-9]{4,6}")
_PIN: Final = re.compile(r"[0-9]{4,8}")
_POLITE: Final = frozenset({"pin", "code", "please"})
_EVERYTHING: Final = frozenset({"all", "both"})


@dataclass(frozen=True)
class Reply:
    """`verb` is "" when nobody can tell; `code` names a page, "" means the one last written about.

    `pin` follows the code where somebody approves. `number` is the whole text where it is nothing but 4 to 8 digits: a
    code, or the PIN that was asked for.
    """

    verb: Verb
    code: str = ""
    pin: str = field(default="", repr=False)
    number: str = field(default="", repr=False, compare=False)


def read_reply(body: str, *, opt_out: str = "", opted_out: bool = False) -> Reply:
    """Return what `body` asks for. A code alone acknowledges its page.

    Case, blanks, punctuation, pictures beside it and the width of digits and letters do not matter.

    `opt_out` is Twilio's own reading ("STOP", "START", "HELP"), which wins. `opted_out`: they had texted STOP before.
    """
    plain = unicodedata.normalize("NFKC", body).lower()
    words = re.findall(r"[^\W_]+", plain.replace("'", "").replace("\u2019", ""))
    alone = words[0] if len(words) == 1 else ""
    if opt_out.upper() == "STOP" or alone in _STOP:
        return Reply("stop")
    if opt_out.upper() == "START" or alone in _START or (opted_out and alone == _START_AGAIN):
        return Reply("start")
    if opt_out.upper() == "HELP" or alone in _HELP:
        return Reply("help")
    if any(word in _DECISIONS for word in words):
        return _decision(words)
    return _answer(words)


def _answer(words: list[str]) -> Reply:
    alone = words[0] if len(words) == 1 else ""
    if words and words[-1] in _EVERYTHING and {_WORDS.get(word) for word in words[:-1]} <= {"acknowledge"}:
        return Reply("acknowledge")
    number = alone if _PIN.fullmatch(alone) else ""
    codes = [word for word in words if _CODE.fullmatch(word)]
    others = [word for word in words if not _CODE.fullmatch(word)]
    verbs = {_WORDS.get(word, "") for word in others} or {"acknowledge" if codes else ""}
    if len(codes) > 1 or len(verbs) != 1:
        return Reply("", number=number)
    return Reply(verbs.pop(), codes[0] if codes else "", number=number)


def _decision(words: list[str]) -> Reply:
    """Read "approve 4821", "deny 4821", "approve 4821 7391": one word, the code, then the PIN; anything else is ""."""
    verbs = {_DECISIONS[word] for word in words if word in _DECISIONS}
    numbers = [word for word in words if word.isdigit()]
    rest = [word for word in words if word not in _DECISIONS and word not in numbers and word not in _POLITE]
    if len(verbs) != 1 or rest or len(numbers) > 2:
        return Reply("")
    if numbers and not (_CODE.fullmatch(numbers[0]) and all(map(_PIN.fullmatch, numbers))):
        return Reply("")
    code, pin, *_ = [*numbers, "", ""]
    return Reply(verbs.pop(), code, pin)
