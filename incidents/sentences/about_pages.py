"""Sentences about the pages of an incident: verbs "page.…" of the floor below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.sentences.saying import Said, Saying


def _facts(said: Said) -> dict[str, str]:
    return {"who": said.who, "people": said.people(), "way": said.way(said.get("via"))}


def _started(said: Said) -> str:
    if said.get("fallback_of"):
        return _("Everybody is called now, because nobody answered")
    return _("Calling by “%(policy)s”") % {"policy": said.get("policy")}


def _called(said: Said) -> str:
    facts = {"people": said.people(), "channels": _channels(said)}
    if said.payload.get("people") == []:
        return _("There was nobody to call at level %(level)s") % {"level": said.get("level")}
    if said.payload.get("round") not in (None, 1):
        return _("%(people)s called again%(channels)s") % facts
    return _("%(people)s called%(channels)s") % facts


def _channels(said: Said) -> str:
    by_person = said.payload.get("channels")
    lists = by_person.values() if isinstance(by_person, dict) else [by_person] if isinstance(by_person, list) else []
    kinds = sorted({str(kind) for kinds in lists if isinstance(kinds, list) for kind in kinds})
    return f" ({', '.join(kinds)})" if kinds else ""


def _acknowledged(said: Said) -> str:
    if said.payload.get("on_behalf"):
        return _("%(who)s acknowledged on behalf of %(people)s, which confirms nobody") % _facts(said)
    return _("%(people)s acknowledged%(way)s") % _facts(said)


def _declined(said: Said) -> str:
    return _("%(people)s can't%(way)s: next please") % _facts(said)


def _escalated(said: Said) -> str:
    return _("%(who)s escalated%(way)s") % _facts(said)


def _snoozed(said: Said) -> str:
    return _("%(who)s snoozed the page until %(until)s") % {"who": said.who, "until": said.get("until")[11:16]}


def _reassigned(said: Said) -> str:
    return _("%(who)s gave the page to %(to)s") % {"who": said.who, "to": said.get("to")}


def _responders_added(said: Said) -> str:
    return _("%(people)s called too%(channels)s") % {"people": said.people(), "channels": _channels(said)}


def _reminded(said: Said) -> str:
    return _("%(people)s reminded: it has been quiet") % _facts(said)


def _repaged(said: Said) -> str:
    if said.get("why") == "snooze_over":
        return _("Calling again: the snooze is over")
    return _("Calling again: the page was acknowledged and nothing was heard since")


def _exhausted(said: Said) -> str:
    return _("Nobody answered in %(rounds)s rounds") % {"rounds": said.get("rounds")}


def _cancelled(said: Said) -> str:
    if said.get("reason") == "merged":
        return _("Calls ended: others took their place")
    return _("Calls ended: %(reason)s") % {"reason": said.get("reason")}


def _of_muster(said: Said) -> bool:
    """Tell whether the muster's own entries say it: who was called for, who confirmed."""
    return said.get("purpose").startswith("muster:") and not said.payload.get("on_behalf")


def _always(_said: Said) -> bool:
    """Tell that the incident's end says it."""
    return True


def _trouble(said: Said) -> str:
    sentences = said.payload.get("sentences")
    return " ".join(map(str, sentences)) if isinstance(sentences, list) else said.get("sentence")


PAGE: Final[Mapping[str, Saying]] = {
    "page.started": Saying(icon="bell", say=_started, detail=_of_muster),
    "page.called": Saying(icon="ring", say=_called, tone="calm"),
    "page.acknowledged": Saying(icon="check", say=_acknowledged, tone="ok", detail=_of_muster),
    "page.declined": Saying(icon="cross", say=_declined, tone="watch", detail=_of_muster),
    "page.escalated": Saying(icon="escalate", say=_escalated, tone="watch"),
    "page.snoozed": Saying(icon="snooze", say=_snoozed),
    "page.reassigned": Saying(icon="handover", say=_reassigned, tone="calm"),
    "page.responders_added": Saying(icon="people", say=_responders_added, tone="calm"),
    "page.reminded": Saying(icon="clock", say=_reminded, tone="watch"),
    "page.repaged": Saying(icon="refresh", say=_repaged, tone="watch"),
    "page.exhausted": Saying(icon="warn", say=_exhausted, tone="bad"),
    "page.cancelled": Saying(icon="stop", say=_cancelled, detail=_always),
    "page.trouble": Saying(icon="warn", say=_trouble, tone="bad"),
}
