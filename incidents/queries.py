"""Reads of incidents. The narrow doors are here: nobody gets an incident that they may not know of."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Prefetch, Q, QuerySet, Value, prefetch_related_objects
from django.db.models.functions import Cast, Concat

from incidents.models import Incident, RoleAssignment, Service, SeverityPolicy
from notifications.models import Responder
from people.models import Person
from people.permissions import READ, READ_PRIVATE, may
from web.errors import NotFound


def severity_policy(severity: int) -> SeverityPolicy:
    """Return the policy of a severity; where none is written, one that pages with high urgency."""
    return SeverityPolicy.objects.filter(pk=severity).first() or SeverityPolicy(severity=severity)


def visible_incidents(person: Person) -> QuerySet[Incident, Incident]:
    """Return the incidents that this person may see, newest first.

    A private one is seen by those who may see all, by who declared it, holds or held a role in it, or was paged for it.
    """
    if not may(person, READ):
        return Incident.objects.none()
    if may(person, READ_PRIVATE):
        return Incident.objects.all()
    return Incident.objects.filter(Q(private=False) | _takes_part(person))


def audible_incidents(person: Person, ids: Collection[UUID]) -> set[UUID]:
    """Return which of these incidents this person may see, and so hear of when they change."""
    return set(visible_incidents(person).order_by().filter(pk__in=ids).values_list("pk", flat=True))


def hidden_incidents(person: Person) -> QuerySet[Incident, Incident] | None:
    """Return what `visible_incidents` leaves out, None when that is nothing: for filters of what hangs on incidents."""
    if not may(person, READ):
        return Incident.objects.all()
    if may(person, READ_PRIVATE):
        return None
    return Incident.objects.filter(private=True).exclude(_takes_part(person))


def hidden_subjects(person: Person) -> QuerySet[Incident, str] | None:
    """Return `hidden_incidents` as the subjects by which pages and the ledger know them."""
    hidden = hidden_incidents(person)
    if hidden is None:
        return None
    return hidden.order_by().annotate(of_pages=_subject_of("pk")).values_list("of_pages", flat=True)


def _takes_part(person: Person) -> Q:
    return (
        Q(declared_by=person)
        | Q(Exists(RoleAssignment.objects.filter(incident=OuterRef("pk"), person=person)))
        | Q(Exists(Responder.objects.filter(page__subject=_subject_of(OuterRef("pk")), person=person)))
    )


def _subject_of(key: str | OuterRef) -> Concat:
    return Concat(Value("incident:"), Cast(key, CharField()), output_field=CharField())


def service_named(name: str) -> Service | None:
    """Return the service of this key or id, None when there is none."""
    wanted = Q(key=name)
    if name.isascii() and name.isdigit() and len(name) <= 18:
        wanted |= Q(pk=int(name))
    return Service.objects.filter(wanted).order_by("pk").first()


def access_incident(person: Person, incident_id: UUID | str) -> Incident:
    """Return an incident by its id or its number, if this person may see it; raise `NotFound` for any other."""
    text = str(incident_id)
    try:
        wanted = Q(number=int(text)) if text.isascii() and text.isdigit() and len(text) <= 9 else Q(pk=UUID(text))
    except ValueError:
        raise NotFound("There is no such incident.") from None
    incident = visible_incidents(person).select_related("service", "declared_by", "merged_into").filter(wanted).first()
    if incident is None:
        raise NotFound("There is no such incident.")
    return incident


def full_incident(person: Person, incident_id: UUID | str) -> Incident:
    """Return what `access_incident` does, with `held` at hand: the roles that somebody holds now."""
    incident = access_incident(person, incident_id)
    prefetch_related_objects([incident], held_roles())
    return incident


def listed_incidents(person: Person, *, status: str = "", severity: int | None = None) -> QuerySet[Incident, Incident]:
    """Return the incidents for a list, newest first, with service and commander at hand; "open" is a status too."""
    found = visible_incidents(person).select_related("service", "declared_by").prefetch_related(held_roles())
    if status == "open":
        found = found.filter(status__in=Incident.OPEN)
    elif status:
        found = found.filter(status=status)
    return found if severity is None else found.filter(severity=severity)


def held_roles() -> Prefetch[str]:
    """Return the prefetch that gives incidents `held`: the roles that somebody holds now."""
    held = RoleAssignment.objects.filter(until__isnull=True).select_related("person")
    return Prefetch("roles", held, to_attr="held")


def commander_of(incident: Incident) -> Person | None:
    """Return who has command, None while nobody has."""
    found = RoleAssignment.objects.filter(incident=incident, role="commander", until__isnull=True)
    assignment = found.select_related("person").first()
    return assignment.person if assignment else None
