"""Declare an incident: one title, everything else has a good default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.transaction import TransactionManagementError

from incidents.models import Incident, IncidentType, Service
from incidents.operations.call_people import call_for
from incidents.rules.numbers import severity_name
from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from people.models import Person
from web import live
from web.errors import BadInput

LONGEST_TITLE: Final = 200
DEFAULT_SEVERITY: Final = 3


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What is declared: the arguments of `declare`, for many at once. `rule` names a routing rule ("rule:<id>")."""

    title: str
    severity: int = DEFAULT_SEVERITY
    type: str = IncidentType.OTHER
    summary: str = ""
    service: Service | None = None
    private: bool = False
    rule: str = ""


def declare(
    *,
    title: str,
    by: Actor,
    now: datetime,
    severity: int = DEFAULT_SEVERITY,
    type: str = IncidentType.OTHER,
    summary: str = "",
    service: Service | None = None,
    private: bool = False,
    rule: str = "",
) -> Incident:
    """Open an incident in triage, start its muster or page its service's policy, and return it.

    Raises `BadInput` with a sentence per field. The number comes from a sequence, so two declarations never wait for
    each other; one rolled back leaves a gap.
    """
    declaration = Declaration(
        title=title, severity=severity, type=type, summary=summary, service=service, private=private, rule=rule
    )
    return declare_all([declaration], by=by, now=now)[0]


def declare_all(declarations: Sequence[Declaration], *, by: Actor, now: datetime) -> list[Incident]:
    """Open many incidents with few statements, all or none; promises and errors are those of `declare`.

    A storm of alerts about different services is many incidents at once, and each of them pages somebody.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("An incident is declared inside a transaction.")
    for declaration in declarations:
        _check(declaration)
    declarer = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    numbers = _next_numbers(len(declarations))
    incidents = Incident.objects.bulk_create(
        _incident(declaration, number=number, by=by, declarer=declarer, now=now)
        for declaration, number in zip(declarations, numbers, strict=True)
    )
    append_all([_event(incident, by=by, now=now) for incident in incidents])
    call_for(incidents, by=by, now=now)
    live.changed("incidents", *(incident.subject for incident in incidents))
    return incidents


def _incident(declaration: Declaration, *, number: int, by: Actor, declarer: Person | None, now: datetime) -> Incident:
    return Incident(
        number=number,
        title=declaration.title.strip(),
        summary=declaration.summary.strip(),
        severity=declaration.severity,
        type=declaration.type,
        service=declaration.service,
        private=declaration.private,
        declared_by=declarer,
        declared_by_name=by.name[:100],
        declared_via=by.via[:20],
        opened_by_rule=declaration.rule,
        opened_at=now,
        version=1,
    )


def _event(incident: Incident, *, by: Actor, now: datetime) -> Event:
    return Event(
        subject=incident.subject,
        verb="incident.declared",
        by=by,
        now=now,
        payload={
            "number": incident.number,
            "title": incident.title,
            "severity": severity_name(incident.severity),
            "type": str(incident.type),
            "service": incident.service.name if incident.service else "",
            "private": incident.private,
            "rule": incident.opened_by_rule,
        },
        personal=incident.summary,
    )


def check_title(title: str) -> str:
    """Return a title without blanks around; raise `BadInput` for one that is empty or too long."""
    if sentence := _wrong_title(title.strip()):
        raise BadInput(sentence, errors={"title": sentence})
    return title.strip()


def _wrong_title(title: str) -> str:
    if not title:
        return "Say in one line what is wrong."
    if len(title) > LONGEST_TITLE:
        return f"Keep the title under {LONGEST_TITLE} characters; the summary holds the rest."
    return ""


def _check(declaration: Declaration) -> None:
    known = declaration.type in IncidentType.values
    errors = {
        "title": _wrong_title(declaration.title.strip()),
        "severity": "" if 1 <= declaration.severity <= 4 else "Choose SEV1 (worst) to SEV4.",
        "type": "" if known else f"Choose one of {', '.join(IncidentType.values)}.",
    }
    errors = {field: sentence for field, sentence in errors.items() if sentence}
    if errors:
        raise BadInput("The incident was not declared. " + " ".join(errors.values()), errors=errors)


def _next_numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('incidents_number') FROM generate_series(1, %s)", [count])
        return [int(row[0]) for row in cursor.fetchall()]
