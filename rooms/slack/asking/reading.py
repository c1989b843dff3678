"""What was typed after /incident; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Verb = Literal["declare", "list", "ack", "status", "oncall", "page", "help"]
WORDS: Final[dict[str, Verb]] = {
    "": "declare",
    "declare": "declare",
    "new": "declare",
    "list": "list",
    "ack": "ack",
    "acknowledge": "ack",
    "status": "status",
    "oncall": "oncall",
    "on-call": "oncall",
    "page": "page",
    "call": "page",
    "help": "help",
}
MENTION: Final = re.compile(r"<@([UW][A-Z0-9]{1,19})(?:\|[^<>]*)?>\s*(.*)", re.DOTALL)
NAMED: Final = re.compile(r"@?(\S+)\s*(.*)", re.DOTALL)
NUMBER: Final = re.compile(r"#?([0-9]{1,9})[.!?]*")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A verb and what follows it. `number` is an incident's, "" where none was given.

    For "page": whom, by their Slack id (`slack_user`) or by what was typed (`name`), and what for (`rest`).
    """

    verb: Verb
    rest: str = ""
    number: str = ""
    slack_user: str = ""
    name: str = ""


def read(text: str) -> Asked:
    """Return what somebody asks for; anything that is no verb asks for help. Case and doubled blanks do not matter.

    Slack writes `&`, `<` and `>` of what was typed as entities.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    word, _blank, rest = plain.partition(" ")
    verb = WORDS.get(word.casefold().rstrip(".!?:"))
    rest = rest.strip()
    if verb is None:
        return Asked(verb="help", rest=_typed(plain))
    if verb == "page":
        return _page(rest)
    if verb in ("ack", "status"):
        found = NUMBER.fullmatch(rest)
        if rest and not found:
            return Asked(verb="help", rest=_typed(plain))
        return Asked(verb=verb, number=found[1] if found else "")
    return Asked(verb=verb, rest=_typed(rest))


def _page(rest: str) -> Asked:
    if found := MENTION.fullmatch(rest):
        return Asked(verb="page", slack_user=found[1], rest=_typed(found[2]))
    found = NAMED.fullmatch(rest)
    return Asked(verb="page", name=_typed(found[1]), rest=_typed(found[2])) if found else Asked(verb="page")


def _typed(text: str) -> str:
    return text.strip().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
