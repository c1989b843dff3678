"""Sentences about the incident itself: verbs "incident.…"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.models import Incident
from incidents.rules.numbers import in_words
from incidents.sentences.saying import Said, Saying


def _declared(said: Said) -> str:
    facts = {"who": said.who, "severity": said.get("severity"), "title": said.get("title"), "way": said.way()}
    return _("%(who)s declared a %(severity)s%(way)s: %(title)s") % facts


def _status(said: Said) -> str:
    status = said.get("to")
    label = str(Incident.Status(status).label).lower() if status in Incident.Status.values else status
    return _("%(who)s set the status to %(status)s") % {"who": said.who, "status": label}


def _severity(said: Said) -> str:
    facts = {"who": said.who, "from": said.get("from"), "to": said.get("to")}
    if said.payload.get("raised"):
        return _("%(who)s raised the severity from %(from)s to %(to)s") % facts
    if said.payload.get("stay_called"):
        return _("%(who)s lowered the severity from %(from)s to %(to)s; who was called stays called") % facts
    return _("%(who)s lowered the severity from %(from)s to %(to)s") % facts


def _role(said: Said) -> str:
    facts = {
        "who": said.who,
        "person": said.get("person"),
        "role": said.get("role_name").lower(),
        "previous": said.get("previous"),
    }
    if not facts["person"]:
        return _("%(previous)s is no longer %(role)s; nobody has the role now") % facts
    if facts["previous"]:
        return _("%(person)s took over as %(role)s from %(previous)s") % facts
    if said.via == "rule":
        return _("%(person)s is %(role)s by rule, as the first on call to confirm") % facts
    if facts["person"] == facts["who"]:
        return _("%(person)s is %(role)s") % facts
    return _("%(who)s made %(person)s %(role)s") % facts


def _noted(said: Said) -> str:
    return _("%(who)s noted") % {"who": said.who}


def _decided(said: Said) -> str:
    return _("%(who)s recorded a decision") % {"who": said.who}


def _added(said: Said) -> str:
    return _("%(who)s called in %(people)s") % {"who": said.who, "people": said.people()}


def _merged(said: Said) -> str:
    if said.get("into"):
        return _("%(who)s merged this into incident %(into)s") % {"who": said.who, "into": said.get("into")}
    facts = {"who": said.who, "from": said.get("from"), "title": said.get("from_title")}
    if not facts["title"]:
        return _("%(who)s merged incident %(from)s into this one") % facts
    return _("%(who)s merged incident %(from)s into this one: %(title)s") % facts


def _reopened(said: Said) -> str:
    return _("%(who)s reopened it") % {"who": said.who}


def _declined(said: Said) -> str:
    return _("%(who)s declined it: this is no incident") % {"who": said.who}


def _resolved(said: Said) -> str:
    open_s = said.payload.get("open_s")
    if not isinstance(open_s, int):
        return _("%(who)s resolved it") % {"who": said.who}
    return _("%(who)s resolved it after %(time)s") % {"who": said.who, "time": in_words(open_s)}


def _closed(said: Said) -> str:
    return _("%(who)s closed it") % {"who": said.who}


def _renamed(said: Said) -> str:
    facts = {"who": said.who, "from": said.get("from"), "to": said.get("to")}
    if facts["from"] == facts["to"]:
        return _("%(who)s rewrote the summary") % facts
    return _("%(who)s renamed it from “%(from)s” to “%(to)s”") % facts


def _suggested(said: Said) -> str:
    return _("%(who)s suggests: %(suggestion)s") % {"who": said.who, "suggestion": said.get("suggestion")}


def _text_erased(said: Said) -> str:
    return _("%(who)s erased what somebody had written") % {"who": said.who}


INCIDENT: Final[Mapping[str, Saying]] = {
    "incident.declared": Saying(icon="declare", say=_declared, tone="bad"),
    "incident.status_changed": Saying(icon="route", say=_status, tone="calm"),
    "incident.severity_changed": Saying(icon="flame", say=_severity, tone="watch"),
    "incident.role_assigned": Saying(icon="command", say=_role, tone="calm"),
    "incident.noted": Saying(icon="note", say=_noted),
    "incident.decided": Saying(icon="command", say=_decided, tone="calm"),
    "incident.responders_added": Saying(icon="people", say=_added, tone="calm"),
    "incident.merged": Saying(icon="merge", say=_merged),
    "incident.reopened": Saying(icon="undo", say=_reopened, tone="watch"),
    "incident.declined": Saying(icon="cross", say=_declined),
    "incident.resolved": Saying(icon="check", say=_resolved, tone="ok"),
    "incident.closed": Saying(icon="lock", say=_closed),
    "incident.renamed": Saying(icon="edit", say=_renamed),
    "incident.suggested": Saying(icon="question", say=_suggested, tone="watch"),
    "ledger.text_erased": Saying(icon="trash", say=_text_erased),
}
