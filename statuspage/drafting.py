"""What a draft begins with: prepared texts filled from public facts, never from an internal incident's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from incidents.models import Incident
from statuspage.models import Component, PublishingPolicy, StatusPage, UpdateTemplate
from statuspage.rules.wording import Facts, fill

AND: Final = {"en": "and", "de": "und", "fr": "et", "es": "y", "nl": "en"}
OUR_SERVICES: Final = {
    "en": "our services",
    "de": "unseren Diensten",
    "fr": "nos services",
    "es": "nuestros servicios",
    "nl": "onze diensten",
}
NEXT: Final = {
    "scheduled": "in_progress",
    "in_progress": "completed",
    "verifying": "completed",
    "resolved": "postmortem",
}


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A template filled for one draft: what the form's fields begin with. `fitting`: written for this very type."""

    template_id: str
    label: str
    fitting: bool
    initial: dict[str, Any]


def prepared_texts(
    *,
    page: StatusPage,
    incident: Incident | None,
    stage: str,
    components: Iterable[str],
    names: bool,
    started_at: datetime | None = None,
) -> list[Prepared]:
    """Return the templates for a stage, filled; those of the incident's type first, those of other types left out.

    `components` are ids; `names` also fills the public name. A language the page is not offered in is left out.
    """
    type_ = incident.type if incident is not None else ""
    found = UpdateTemplate.objects.filter(stage=stage, archived_at=None, incident_type__in={type_, ""})
    facts = public_facts(page, components, started_at=started_at)
    prepared = []
    for template in sorted(found, key=lambda each: (each.incident_type != type_, each.label)):
        initial: dict[str, Any] = {f"text_{code}": text for code, text in fill(template.texts, facts).items()}
        if names:
            initial |= {f"name_{code}": name for code, name in fill(template.names, facts).items()}
        fitting = bool(type_) and template.incident_type == type_
        prepared.append(Prepared(template_id=template.pk, label=template.label, fitting=fitting, initial=initial))
    return prepared


def public_facts(
    page: StatusPage, components: Iterable[str], *, started_at: datetime | None = None
) -> dict[str, Facts]:
    """Return what fills a page's templates in each of its languages; component names as customers know them."""
    known = list(Component.objects.filter(page=page, pk__in=list(components)).order_by("position", "name"))
    began = started_at.astimezone(ZoneInfo(page.time_zone)).strftime("%H:%M %Z") if started_at else ""
    return {
        code: Facts(
            page=page.name,
            components=tuple(_name(component.name, component.names, code) for component in known),
            started_at=began,
            nothing_known=OUR_SERVICES.get(code, OUR_SERVICES["en"]),
            last_word=AND.get(code, AND["en"]),
        )
        for code in (page.language, *page.languages)
    }


def policy_of(incident: Incident | None) -> PublishingPolicy:
    """Return how updates about an incident come about; as the operations do, for SEV0 where there is none."""
    severity = incident.severity if incident is not None else 0
    return PublishingPolicy.objects.filter(pk=severity).first() or PublishingPolicy(severity=severity)


def usual_next(status: str) -> str:
    """Return the stage that a further word usually has: a maintenance goes on, an incident stays where it is."""
    return NEXT.get(status, status)


def _name(own: str, names: Mapping[str, str], code: str) -> str:
    return names.get(code) or own
