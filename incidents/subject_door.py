"""Who may know of an incident, for those below who keep pages about it."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

from incidents.operations.locking import lock_incident
from incidents.queries import access_incident, hidden_subjects
from incidents.rules.lifecycle import check_open
from notifications.subject_doors import SubjectDoor
from people.models import Person


def _find(person: Person, text: str) -> str:
    return str(access_incident(person, text).pk)


def _hidden_from(person: Person) -> QuerySet[Any, Any] | None:
    return hidden_subjects(person)


def _join(incident_id: str) -> int:
    incident = lock_incident(incident_id)
    check_open(incident.status, doing="page people about it")
    return incident.severity


DOOR: Final = SubjectDoor(kind="incident", find=_find, hidden_from=_hidden_from, join=_join)
