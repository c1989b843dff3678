"""Call those whom an incident needs: the leaders of its severity, else the people of its service."""

from __future__ import annotations

from datetime import datetime

from incidents.models import Incident, MusterRequirement, SeverityPolicy
from incidents.operations.start_muster import start_muster
from incidents.queries import severity_policy
from incidents.rules.numbers import severity_name
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.start_page import start_page
from notifications.queries import OPEN_STATES, freeze
from notifications.rules.frozen_policy import FrozenPolicy, people_level
from people.models import Person

ADMINISTRATORS_HAVE_S = 300


def call_people(*, incident: Incident, by: Actor, now: datetime) -> None:
    """Start or widen the muster of the incident's severity; where that needs no leaders, page the service's policy.

    Where neither is there, the incident says so in `trouble`; if no person declared it, the administrators are paged,
    because nobody else knows of it. Expects the incident and its open pages locked.
    """
    policy = severity_policy(incident.severity)
    needs = list(
        MusterRequirement.objects.filter(severity=incident.severity).select_related("tier").order_by("tier__rank", "pk")
    )
    if needs:
        start_muster(incident=incident, policy=policy, needs=needs, by=by, now=now)
        return
    if Page.objects.filter(subject=incident.subject, state__in=OPEN_STATES).exists():
        return
    if incident.service and incident.service.policy:
        frozen = freeze(incident.service.policy)
        _page(incident=incident, purpose="service", frozen=frozen, policy=policy, by=by, now=now)
        return
    incident.trouble = (
        f"Nobody was called: {severity_name(incident.severity)} needs no leaders here and no service with an escalation"
        " policy is set. Add responders, or raise the severity."
    )
    incident.save(update_fields=["trouble"])
    administrators = [(str(person.pk), person.name) for person in Person.objects.administrators()]
    if by.kind not in ("person", "token") and administrators:
        level = people_level(administrators, delay_s=ADMINISTRATORS_HAVE_S)
        frozen = FrozenPolicy(name="Administrators", levels=(level,), rounds=policy.rounds)
        _page(incident=incident, purpose="administrators", frozen=frozen, policy=policy, by=by, now=now)


def _page(
    *, incident: Incident, purpose: str, frozen: FrozenPolicy, policy: SeverityPolicy, by: Actor, now: datetime
) -> None:
    start_page(
        policy=frozen,
        title=incident.headline,
        subject=incident.subject,
        purpose=purpose,
        urgency=policy.urgency,
        severity=incident.severity,
        by=by,
        now=now,
    )
