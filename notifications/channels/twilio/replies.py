"""What a person meant who answered a text; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Verb = Literal["acknowledge", "escalate", "decline", "stop", "start", "help", ""]

_WORDS: Final[dict[str, Verb]] = {
    **dict.fromkeys(("1", "a", "ack", "acknowledge", "acknowledged", "yes", "y", "ok", "okay"), "acknowledge"),
    **dict.fromkeys(("2", "e", "esc", "escalate", "next"), "escalate"),
    **dict.fromkeys(("9", "n", "no", "decline", "cant", "cannot"), "decline"),
}
# Twilio answers these by itself and from then on refuses texts (21610) or allows them again.
_STOP: Final = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
_START: Final = frozenset({"start", "unstop"})
_HELP: Final = frozenset({"help", "info"})
_CODE: Final = re.compile(r"\d{4,6}")


@dataclass(frozen=True)
class Reply:
    """`verb` is "" when nobody can tell; `code` names a page, "" means the one last written about."""

    verb: Verb
    code: str = ""


def read_reply(body: str, *, opt_out: str = "") -> Reply:
    """Return what `body` asks for. Case, blanks and punctuation do not matter; a code alone acknowledges its page.

    `opt_out` is Twilio's own reading ("STOP", "START", "HELP"), which wins.
    """
    words = re.findall(r"\w+", body.lower().replace("'", "").replace("\u2019", ""))
    alone = words[0] if len(words) == 1 else ""
    if opt_out.upper() == "STOP" or alone in _STOP:
        return Reply("stop")
    if opt_out.upper() == "START" or alone in _START:
        return Reply("start")
    if opt_out.upper() == "HELP" or alone in _HELP:
        return Reply("help")
    codes = [word for word in words if _CODE.fullmatch(word)]
    others = [word for word in words if not _CODE.fullmatch(word)]
    verbs = {_WORDS.get(word, "") for word in others} or {"acknowledge" if codes else ""}
    if len(codes) > 1 or len(verbs) != 1:
        return Reply("")
    return Reply(verbs.pop(), codes[0] if codes else "")
