"""Call more people to an incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from incidents.answers import read_pages
from incidents.models import Incident
from incidents.operations.locking import lock_incident, lock_open_pages
from incidents.operations.recording import Fact, record
from incidents.queries import severity_policy
from incidents.rules.lifecycle import check_open
from incidents.rules.numbers import listed
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.start_page import start_page
from notifications.rules.frozen_policy import FrozenPolicy, people_level
from people.models import Person
from web.errors import BadInput

EACH_HAS_S: Final = 300
"""As long as a level of a policy has by default."""


@dataclass(frozen=True, kw_only=True)
class Added:
    """Whom the page calls (None: nobody), and who was being called already or has answered."""

    incident: Incident
    page: Page | None
    called: tuple[Person, ...]
    already: tuple[Person, ...]

    @property
    def sentence(self) -> str:
        """Return what happened, for a person."""
        parts = []
        if self.called:
            parts.append(f"{listed([person.name for person in self.called])} will be called now.")
        if self.already:
            verb = "is" if len(self.already) == 1 else "are"
            parts.append(f"{listed([person.name for person in self.already])} {verb} called already or has answered.")
        return " ".join(parts)


def add_responders(*, incident_id: UUID | str, people: Sequence[Person], by: Actor, now: datetime) -> Added:
    """Page these people together; every one of them is called until they answer for themselves.

    Who is rung already, or has answered about this incident, is not rung again. Raises `BadInput` for nobody or people
    who left, `IllegalMove` once the incident is over. Locks the incident, then its open pages.
    """
    _check(people)
    incident = lock_incident(incident_id)
    check_open(incident.status, doing="call people to it")
    lock_open_pages(incident)
    policy = severity_policy(incident.severity)
    pages = read_pages(incident)
    known = pages.confirmed() | pages.rung(urgency=policy.urgency)
    wanted = list(dict.fromkeys(people))
    called = tuple(person for person in wanted if str(person.pk) not in known)
    already = tuple(person for person in wanted if str(person.pk) in known)
    page = None
    if called:
        page = start_page(
            policy=FrozenPolicy(
                name="Responders",
                levels=(people_level([(str(p.pk), p.name) for p in called], delay_s=EACH_HAS_S),),
                rounds=policy.rounds,
                required_acknowledgements=len(called),
                remind_after_s=policy.remind_after_s,
                repage_after_s=policy.repage_after_s,
            ),
            title=incident.headline,
            subject=incident.subject,
            purpose="responders",
            urgency=policy.urgency,
            severity=incident.severity,
            by=by,
            now=now,
        )
        fact = Fact(
            verb="incident.responders_added",
            payload={"people": [person.name for person in called], "already": [person.name for person in already]},
        )
        record(incident, facts=[fact], by=by, now=now)
    return Added(incident=incident, page=page, called=called, already=already)


def _check(people: Sequence[Person]) -> None:
    gone = [person.name for person in people if not person.is_active]
    if not people or gone:
        sentence = f"{listed(gone)} left the company. Choose others." if gone else "Choose at least one person."
        raise BadInput(sentence, errors={"people": sentence})
