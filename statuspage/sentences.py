"""How the room's timeline tells what customers were told: verbs "status.…" on an incident's own chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from incidents.sentences import Said, Saying
from statuspage.models import ComponentStatus, Stage


def _facts(said: Said) -> dict[str, str]:
    stage = said.get("stage")
    label = str(Stage(stage).label).lower() if stage in Stage.values else stage
    return {"who": said.who, "name": said.get("name"), "page": said.get("page"), "stage": label}


def _drafted(said: Said) -> str:
    return _("%(who)s drafted an update for customers (%(stage)s)%(way)s") % {**_facts(said), "way": said.way()}


def _edited(said: Said) -> str:
    return _("%(who)s changed the draft for customers (%(stage)s)") % _facts(said)


def _discarded(said: Said) -> str:
    return _("%(who)s discarded a draft for customers (%(stage)s)") % _facts(said)


def _approved(said: Said) -> str:
    facts = {**_facts(said), "drafter": said.get("drafted_by")}
    if facts["drafter"]:
        return _("%(who)s approved what %(drafter)s wrote for customers (%(stage)s)") % facts
    return _("%(who)s approved the update for customers (%(stage)s)") % facts


def _published(said: Said) -> str:
    facts = {**_facts(said), "states": _states(said)}
    if said.payload.get("automatic"):
        sentence = _("%(who)s told customers by itself (%(stage)s): %(name)s") % facts
    elif said.payload.get("override"):
        sentence = _("%(who)s told customers without a second person (%(stage)s): %(name)s") % facts
    else:
        sentence = _("%(who)s told customers (%(stage)s): %(name)s") % facts
    return f"{sentence}; {facts['states']}" if facts["states"] else sentence


def _states(said: Said) -> str:
    """Return "Mail: major outage, Web: operational"."""
    components = said.payload.get("components")
    if not isinstance(components, Mapping):
        return ""
    known = ((name, status) for name, status in components.items() if status in ComponentStatus.values)
    return ", ".join(f"{name}: {str(ComponentStatus(status).label).lower()}" for name, status in known)


def _override(said: Said) -> str:
    return _("%(who)s used an emergency override to publish") % _facts(said)


def _servers(said: Said) -> str:
    facts = {**_facts(said), "count": said.get("count")}
    return _("%(who)s named the servers that customers see as hit: %(count)s") % facts


def _corrected(said: Said) -> str:
    facts = {**_facts(said), "component": said.get("component_name")}
    return _("%(who)s corrected what customers read of %(component)s's outage") % facts


def _continued(said: Said) -> str:
    return _("%(who)s went on with the word that Muster gave customers") % _facts(said)


STATUS: Final[Mapping[str, Saying]] = {
    "status.update_drafted": Saying(icon="edit", say=_drafted),
    "status.update_edited": Saying(icon="edit", say=_edited),
    "status.update_discarded": Saying(icon="trash", say=_discarded),
    "status.update_approved": Saying(icon="shield", say=_approved, tone="calm"),
    "status.update_published": Saying(icon="globe", say=_published, tone="calm"),
    "status.override_used": Saying(icon="warn", say=_override, tone="watch"),
    "status.servers_named": Saying(icon="server", say=_servers),
    "status.impact_corrected": Saying(icon="undo", say=_corrected),
    "status.incident_continued": Saying(icon="merge", say=_continued),
}
