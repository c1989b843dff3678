"""Who does the steps of a plan's role: from the role's sources to people, stand-ins after them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.text import slugify

from eap.format.document import PlanRole
from eap.models import Run
from incidents.models import RoleAssignment
from incidents.queries import commander_of
from people.models import Person, Schedule, Team, Tier
from people.queries import on_call_people, people_named, team_people, tier_line, tier_people


class Roles:
    """Resolves the roles of runs at one moment, each source once, however many steps ask."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._lines: dict[tuple[object, PlanRole], list[Person]] = {}
        self._sources: dict[tuple[str, str], list[Person]] = {}

    def line(self, run: Run, role: PlanRole) -> list[Person]:
        """Return who holds a role in this run, first one first, stand-ins after; empty when it names nobody.

        The sources are tried in the order incident role, schedule, team, tier (members, then succession), person.
        """
        key = (run.incident_id if role.incident_role else None, role)
        if key not in self._lines:
            found = [person for source in self._of(run, role) for person in source]
            self._lines[key] = list({person.pk: person for person in found}.values())
        return self._lines[key]

    def fallback(self, run: Run) -> list[Person]:
        """Return who is asked where a role names nobody: the incident's commander, else who started the run."""
        commander = commander_of(run.incident) if run.incident is not None else None
        found = [commander, run.started_by]
        return list({person.pk: person for person in found if person is not None and person.is_active}.values())

    def _of(self, run: Run, role: PlanRole) -> Iterable[list[Person]]:
        if role.incident_role and run.incident_id:
            yield self._holder(run, role.incident_role)
        for kind in ("schedule", "team", "tier", "person"):
            name = getattr(role, kind)
            if name:
                if (kind, name) not in self._sources:
                    self._sources[kind, name] = self._named(kind, name)
                yield self._sources[kind, name]

    def _holder(self, run: Run, role: str) -> list[Person]:
        held = RoleAssignment.objects.filter(incident=run.incident_id, role=role, until__isnull=True)
        return [each.person for each in held.select_related("person") if each.person.is_active]

    def _named(self, kind: str, name: str) -> list[Person]:
        if kind == "person":
            return [person for person in people_named([name]).values() if person.is_active]
        if kind == "tier":
            tier = Tier.objects.filter(key=name).first()
            return [*tier_people(tier.pk, self._now), *tier_line(tier.pk)] if tier else []
        table = Schedule if kind == "schedule" else Team
        # Schedules and teams have names and no keys: "Engineer on call" is meant by "engineer-on-call" too.
        found = next((row for row in table.objects.all() if name in (row.name, slugify(row.name))), None)
        if found is None:
            return []
        return on_call_people(found.pk, self._now) if kind == "schedule" else team_people(found.pk)
