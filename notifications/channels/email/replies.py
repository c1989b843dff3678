"""What a person meant who answered a mail; pure. The first line of their own counts, never what they quoted."""

from __future__ import annotations

import re
from typing import Final, Literal

Verb = Literal["acknowledge", "escalate", "decline", "approval", ""]

_WORDS: Final[dict[str, Verb]] = {
    **dict.fromkeys(("1", "a", "ack", "acked", "acknowledge", "acknowledged", "yes", "ok", "okay"), "acknowledge"),
    **dict.fromkeys(("2", "esc", "escalate", "next"), "escalate"),
    **dict.fromkeys(("9", "n", "no", "decline", "cant", "cannot"), "decline"),
    **dict.fromkeys(("approve", "approved", "deny", "denied"), "approval"),
}
_POLITE: Final = frozenset({"please", "thanks", "thank", "you"})
_QUOTED: Final = re.compile(r"^\s*(>|\|)")
_INTRODUCES_A_QUOTE: Final = re.compile(
    r"^\s*(-{2,}|_{5,}|From:\s|Von:\s|On .+ wrote:$|Am .+ schrieb.*:$)", re.IGNORECASE
)
_CODE: Final = re.compile(r"[0-9]{4,6}")


def own_line(text: str) -> str:
    """Return the first line that the writer wrote; "" when there is none before what they quote or their signature."""
    for line in text.splitlines():
        if _QUOTED.match(line):
            continue
        if _INTRODUCES_A_QUOTE.match(line):
            return ""
        if line.strip():
            return line.strip()
    return ""


def read_reply(text: str) -> Verb:
    """Return what the answer asks for, "" when nobody can tell. Case, blanks and punctuation do not matter.

    A yes to the call is one word, perhaps with the page's code behind it: of a sentence nobody can be sure. "approval"
    is a yes or no to what the page asks besides; mail is no proof of who writes, so it is never taken here.
    """
    words = re.findall(r"\w+", own_line(text).lower().replace("'", "").replace("\u2019", ""))
    if any(_WORDS.get(word) == "approval" for word in words):
        return "approval"
    said = [word for word in words if word not in _POLITE]
    if len(said) == 2 and _CODE.fullmatch(said[1]):
        said = said[:1]
    return _WORDS.get(said[0], "") if len(said) == 1 else ""
