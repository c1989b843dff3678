"""How open incidents stand, in lines short enough for a text message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incidents.board import RollCount, roll_counts
from incidents.models import Incident, RoleAssignment
from incidents.queries import held_roles, visible_incidents
from incidents.rules.numbers import severity_name
from notifications.answers import local_time
from people.models import Person
from statuspage.queries import customers_last_heard
from web.errors import NotFound

MOST_LINES = 4
"""Incidents in one answer, the worst first; the others are counted."""
TITLE_LENGTH = 60


def open_incidents(person: Person) -> list[str]:
    """Return a line for each open incident that `person` may see, worst first, and how many more there are."""
    found = list(_with_roles(person).filter(status__in=Incident.OPEN).order_by("severity", "-opened_at", "-number"))
    if not found:
        return [_("No incident is open.")]
    lines = _lines(found[:MOST_LINES], reader=person)
    more = len(found) - MOST_LINES
    return [*lines, _("And %(count)d more.") % {"count": more}] if more > 0 else lines


def one_incident(person: Person, number: int) -> str:
    """Return how one incident stands; raises `NotFound` where there is none of this number that they may see."""
    incident = _with_roles(person).filter(number=number).first()
    if incident is None:
        raise NotFound(_("There is no incident %(number)d.") % {"number": number})
    (line,) = _lines([incident], reader=person)
    return line


def _with_roles(person: Person) -> QuerySet[Incident, Incident]:
    return visible_incidents(person).prefetch_related(held_roles())


def _lines(incidents: Sequence[Incident], *, reader: Person) -> list[str]:
    rolls = roll_counts(incidents)
    return [
        short_line(
            incident,
            roll=rolls.get(incident.pk),
            promised_at=customers_last_heard(incident).promised_at if incident.is_open else None,
            reader=reader,
        )
        for incident in incidents
    ]


def short_line(incident: Incident, *, roll: RollCount | None, promised_at: datetime | None, reader: Person) -> str:
    """Return "SEV1 1042 investigating, IC Ada, 3 of 5 confirmed, next word 14:30 (Power lost)".

    The next word is what customers were promised, in the reader's time zone. A private incident's title stays inside
    Muster: a text is no sealed letter. Expects `held_roles`.
    """
    held: list[RoleAssignment] = getattr(incident, "held")  # noqa: B009  (the prefetch puts it there)
    commander = next((each.person for each in held if each.role == "commander"), None)
    parts = [f"{severity_name(incident.severity)} {incident.number} {incident.get_status_display().lower()}"]
    if incident.is_open:
        who = commander.get_short_name() if commander else ""
        parts.append(_("IC %(name)s") % {"name": who} if who else _("no IC"))
    if roll is not None:
        parts.append(_("%(confirmed)d of %(needed)d confirmed") % {"confirmed": roll.confirmed, "needed": roll.needed})
    if promised_at is not None:
        parts.append(_("next word %(time)s") % {"time": local_time(promised_at, reader)})
    title = "" if incident.private else incident.title
    if len(title) > TITLE_LENGTH:
        title = title[: TITLE_LENGTH - 3].rstrip() + "..."
    return ", ".join(parts) + (f" ({title})" if title else "")
