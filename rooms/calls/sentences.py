"""How the chain of a call to a line reads to people: verbs "call.…"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from incidents.rules.numbers import in_words
from incidents.sentences import Said, Saying


def _say(text: str) -> Callable[[Said], str]:
    """Return a sentence with its facts put in; the text is translated when it is read."""
    return lambda said: _(text) % _facts(said) + _at(said)


def _facts(said: Said) -> dict[str, str]:
    seconds = said.payload.get("seconds")
    return {
        "line": said.get("line"),
        "service": said.get("service"),
        "level": said.get("level"),
        "name": said.get("name"),
        "people": said.people(),
        "time": in_words(seconds) if isinstance(seconds, int) else "?",
    }


def _at(said: Said) -> str:
    """Return when it happened, where the entry repeats what was before the incident: times of the ledger, UTC."""
    at = said.get("at")
    return f" ({datetime.fromisoformat(at):%H:%M:%S} UTC)" if at else ""


def _rung(said: Said) -> str:
    if not said.payload.get("people"):
        return _("Level %(level)s had nobody whom a call could reach.") % _facts(said) + _at(said)
    return _("Level %(level)s was rung for the caller: %(people)s.") % _facts(said) + _at(said)


CALL: Final[Mapping[str, Saying]] = {
    "call.received": Saying(icon="voice", say=_say("A caller reached %(line)s.")),
    "call.chosen": Saying(icon="voice", say=_say("The caller chose %(service)s.")),
    "call.rung": Saying(icon="ring", say=_rung),
    "call.taken": Saying(icon="check", say=_say("%(name)s took the call."), tone="ok"),
    "call.ended": Saying(icon="stop", say=_say("The call ended.")),
    "call.given_up": Saying(icon="late", say=_say("The caller gave up before anybody answered."), tone="watch"),
    "call.voicemail": Saying(icon="late", say=_say("Nobody took the call; the caller was asked for a message.")),
    "call.recorded": Saying(icon="message", say=_say("The caller left a message of %(time)s."), tone="watch"),
}
