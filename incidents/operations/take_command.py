"""Take command of an incident."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from incidents.models import RoleAssignment, RoleName
from incidents.operations.assign_role import assign_role
from ledger.actor import Actor
from people.models import Person


def take_command(*, incident_id: UUID | str, person: Person, by: Actor, now: datetime) -> RoleAssignment | None:
    """Make `person` the incident commander; who had command before is told. Promises are those of `assign_role`."""
    return assign_role(incident_id=incident_id, role=RoleName.COMMANDER, person=person, by=by, now=now)
