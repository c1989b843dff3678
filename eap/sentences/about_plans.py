"""How the ledger of a plan reads: its versions, and what starts it by itself. Verbs "plan.…"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.sentences import Said, Saying


def _say(text: str) -> Callable[[Said], str]:
    """Return a sentence with its facts put in; the text is translated when it is read."""
    return lambda said: _(text) % {"who": said.who, "version": said.get("version"), "name": said.get("name")}


def _published(said: Said) -> str:
    if said.payload.get("builtin"):
        return _("Version %(version)s came with Muster and is in use") % {"version": said.get("version")}
    return _("%(who)s published version %(version)s") % {"who": said.who, "version": said.get("version")}


def _schedule_saved(said: Said) -> str:
    facts = {"who": said.who, "at": said.get("at"), "zone": said.get("zone")}
    often = {
        "day": _("%(who)s had it start every day at %(at)s (%(zone)s)"),
        "week": _("%(who)s had it start every week at %(at)s (%(zone)s)"),
        "month": _("%(who)s had it start every month at %(at)s (%(zone)s)"),
    }
    sentence = often.get(said.get("every"), _("%(who)s changed when it starts")) % facts
    return f"{sentence}{_(', as a drill') if said.payload.get('drill') else ''}"


def _hook_issued(said: Said) -> str:
    sentence = _("%(who)s made an address by which “%(name)s” starts it") % {"who": said.who, "name": said.get("name")}
    return f"{sentence}{_(', as a drill') if said.payload.get('drill') else ''}"


PLAN: Final[Mapping[str, Saying]] = {
    "plan.drafted": Saying(icon="edit", say=_say("%(who)s began version %(version)s"), tone="calm"),
    "plan.draft_saved": Saying(icon="edit", say=_say("%(who)s wrote in version %(version)s")),
    "plan.draft_discarded": Saying(icon="trash", say=_say("%(who)s threw version %(version)s away")),
    "plan.change_proposed": Saying(
        icon="note", say=_say("%(who)s proposed a change to version %(version)s"), tone="calm"
    ),
    "plan.submitted": Saying(icon="inbox", say=_say("%(who)s handed version %(version)s in for review"), tone="watch"),
    "plan.taken_back": Saying(icon="undo", say=_say("%(who)s took version %(version)s back")),
    "plan.published": Saying(icon="check", say=_published, tone="ok"),
    "plan.rejected": Saying(icon="cross", say=_say("%(who)s sent version %(version)s back"), tone="watch"),
    "plan.archived": Saying(icon="minus", say=_say("%(who)s took it out of use"), tone="watch"),
    "plan.restored": Saying(icon="undo", say=_say("%(who)s put it back in use"), tone="calm"),
    "plan.schedule_saved": Saying(icon="calendar", say=_schedule_saved, tone="calm"),
    "plan.schedule_off": Saying(icon="pause", say=_say("%(who)s switched a schedule off"), tone="watch"),
    "plan.schedule_removed": Saying(icon="trash", say=_say("%(who)s removed a schedule"), tone="watch"),
    "plan.hook_issued": Saying(icon="plug", say=_hook_issued, tone="watch"),
    "plan.hook_revoked": Saying(icon="unplugged", say=_say("%(who)s let an address start nothing any more")),
}
