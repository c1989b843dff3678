"""Declare an incident: one title, everything else has a good default."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from incidents.models import Incident, IncidentType, Service
from incidents.operations.call_people import call_people
from incidents.operations.recording import Fact, record
from incidents.rules.numbers import severity_name
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput

LONGEST_TITLE: Final = 200
DEFAULT_SEVERITY: Final = 3


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

    `rule` names the routing rule that opened it ("rule:<id>"). Raises `BadInput` with a sentence per field. The number
    comes from a sequence, so two declarations never wait for each other; one rolled back leaves a gap.
    """
    _check(title=title.strip(), severity=severity, type_=type)
    declarer = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    incident = Incident(
        number=_next_number(),
        title=title.strip(),
        summary=summary.strip(),
        severity=severity,
        type=type,
        service=service,
        private=private,
        declared_by=declarer,
        declared_by_name=by.name[:100],
        declared_via=by.via[:20],
        opened_by_rule=rule,
        opened_at=now,
    )
    incident.save(force_insert=True)
    fact = Fact(
        verb="incident.declared",
        payload={
            "number": incident.number,
            "title": incident.title,
            "severity": severity_name(severity),
            "type": type,
            "service": service.name if service else "",
            "private": private,
            "rule": rule,
        },
        personal=incident.summary,
    )
    record(incident, facts=[fact], by=by, now=now)
    call_people(incident=incident, by=by, now=now)
    return incident


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


def _check(*, title: str, severity: int, type_: str) -> None:
    errors = {
        "title": _wrong_title(title),
        "severity": "" if 1 <= severity <= 4 else "Choose SEV1 (worst) to SEV4.",
        "type": "" if type_ in IncidentType.values else f"Choose one of {', '.join(IncidentType.values)}.",
    }
    errors = {field: sentence for field, sentence in errors.items() if sentence}
    if errors:
        raise BadInput("The incident was not declared. " + " ".join(errors.values()), errors=errors)


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('incidents_number')")
        return int(cursor.fetchone()[0])
