"""How the ledger of a bridge reads to people: verbs "bridge.…"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.rules.numbers import in_words
from incidents.sentences import Said, Saying


def _joined(said: Said) -> str:
    how = {"key": _("by keypad"), "called_in": _("called in"), "dialled": _("dialled in")}.get(said.get("how"), "")
    return _("%(name)s joined the bridge (%(how)s).") % {"name": said.get("name"), "how": how}


def _left(said: Said) -> str:
    stayed = said.payload.get("stayed_s")
    time = in_words(stayed) if isinstance(stayed, int) else "?"
    return _("%(name)s left the bridge after %(time)s.") % {"name": said.get("name"), "time": time}


def _called(said: Said) -> str:
    return _("%(who)s called %(name)s into the bridge.") % {"who": said.who, "name": said.get("name")}


def _missed(said: Said) -> str:
    facts = {"name": said.get("name"), "reason": said.get("reason")}
    return _("%(name)s was not reached for the bridge. %(reason)s") % facts


def _lost(said: Said) -> str:
    return _("%(name)s hung up before they were on the bridge.") % {"name": said.get("name")}


BRIDGE: Final[Mapping[str, Saying]] = {
    "bridge.opened": Saying(icon="voice", say=lambda _said: _("The phone bridge is open."), tone="calm"),
    "bridge.joined": Saying(icon="voice", say=_joined, tone="ok"),
    "bridge.left": Saying(icon="voice", say=_left),
    "bridge.called": Saying(icon="ring", say=_called),
    "bridge.missed": Saying(icon="late", say=_missed, tone="watch"),
    "bridge.lost": Saying(icon="late", say=_lost, tone="watch"),
    "bridge.closed": Saying(icon="stop", say=lambda _said: _("The phone bridge is closed.")),
}
