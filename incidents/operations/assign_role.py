"""Hand a role over: one holder at a time, and both know."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import Incident, RoleAssignment, RoleName
from incidents.operations.locking import lock_incident
from incidents.operations.recording import Fact, record
from incidents.operations.tell import tell
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput, IllegalMove

CAN_HOLD = (*Incident.OPEN, Incident.Status.RESOLVED)


def assign_role(
    *, incident_id: UUID | str, role: str, person: Person | None, by: Actor, now: datetime
) -> RoleAssignment | None:
    """Give `role` to `person`; who held it before ends at the same moment. None leaves the role empty.

    Both are told, except who does it themselves. Returns the assignment (None for an empty role). Raises `BadInput` for
    an unknown role or somebody who left, `IllegalMove` once the incident is over. Locks the incident.
    """
    _check(role=role, person=person)
    incident = lock_incident(incident_id)
    if incident.status not in CAN_HOLD:
        raise IllegalMove("This incident is over; its roles can't be handed on any more.")
    held = RoleAssignment.objects.filter(incident=incident, role=role, until__isnull=True).select_related("person")
    previous = held.first()
    if (previous.person if previous else None) == person:
        return previous
    if previous:
        previous.until = now
        previous.save(update_fields=["until"])
    assignment = (
        RoleAssignment.objects.create(incident=incident, role=role, person=person, since=now) if person else None
    )
    _tell_both(incident, role=role, previous=previous.person if previous else None, person=person, by=by, now=now)
    fact = Fact(
        verb="incident.role_assigned",
        payload={
            "role": role,
            "role_name": str(RoleName(role).label),
            "person": person.name if person else "",
            "person_id": str(person.pk) if person else "",
            "previous": previous.person.name if previous else "",
        },
    )
    record(incident, facts=[fact], by=by, now=now)
    return assignment


def _check(*, role: str, person: Person | None) -> None:
    if role not in RoleName.values:
        sentence = f"Choose one of {', '.join(RoleName.values)}."
        raise BadInput(f"There is no role {role!r}. {sentence}", errors={"role": sentence})
    if person is not None and not person.is_active:
        sentence = f"{person.name} does not work here any more."
        raise BadInput(sentence, errors={"person": sentence})


def _tell_both(
    incident: Incident, *, role: str, previous: Person | None, person: Person | None, by: Actor, now: datetime
) -> None:
    name = str(RoleName(role).label).lower()
    giver = by.name if by.kind == "person" else "A rule"
    if person and str(person.pk) != by.id:
        tell([person], incident=incident, sentence=f"You are now {name}. {giver} gave you the role.", now=now)
    if previous and str(previous.pk) != by.id:
        after = f"{person.name} has it now" if person else "nobody has it now"
        tell([previous], incident=incident, sentence=f"You are no longer {name}: {after}.", now=now)
