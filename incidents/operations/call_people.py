"""Call those whom an incident needs: the leaders of its severity, else the people of its service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Prefetch

from incidents.models import Incident, MusterRequirement, SeverityPolicy
from incidents.operations.start_muster import start_muster
from incidents.rules.numbers import severity_name
from ledger.actor import Actor
from notifications.models import EscalationPolicy, Page
from notifications.operations.start_page import PageRequest, start_pages
from notifications.queries import OPEN_STATES, freeze_all
from notifications.rules.frozen_policy import FrozenPolicy, people_level
from people.models import Person

ADMINISTRATORS_HAVE_S: Final = 300
PEOPLE: Final = ("person", "token")
"""Actors who see what they declared; whatever else declares has nobody looking at it."""


def call_people(*, incident: Incident, by: Actor, now: datetime) -> None:
    """Start or widen the muster of the incident's severity; where that needs no leaders, page the service's policy.

    Who is called already is not called again. Promises are those of `call_for`.
    """
    policy = _policies([incident])[incident.severity]
    if policy.requirements.all() or not Page.objects.filter(subject=incident.subject, state__in=OPEN_STATES).exists():
        call_for([incident], by=by, now=now)


def call_for(incidents: Sequence[Incident], *, by: Actor, now: datetime) -> None:
    """Call those whom each incident needs, with few statements for many.

    Where there is nobody to call, the incident says so in `trouble`; if no person declared it, the administrators are
    paged, because nobody else knows of it. Expects the incidents and their open pages locked, or new.
    """
    policies = _policies(incidents)
    requests, silent = [], []
    of_services = _service_policies(incidents)
    for incident in incidents:
        policy = policies[incident.severity]
        needs = list(policy.requirements.all())
        if needs:
            start_muster(incident=incident, policy=policy, needs=needs, by=by, now=now)
        elif incident.service and incident.service.policy_id in of_services:
            frozen = of_services[incident.service.policy_id]
            requests.append(_request(incident, purpose="service", frozen=frozen, policy=policy))
        else:
            silent.append(incident)
    requests += _say_that_nobody(silent, policies=policies, by=by)
    if requests:
        start_pages(requests, by=by, now=now)


def _policies(incidents: Sequence[Incident]) -> dict[int, SeverityPolicy]:
    """Return the policies of the incidents' severities, needs at hand; one that pages loudly where none is written."""
    wanted = {incident.severity for incident in incidents}
    needs = MusterRequirement.objects.select_related("tier").order_by("tier__rank", "pk")
    written = SeverityPolicy.objects.filter(pk__in=wanted).prefetch_related(Prefetch("requirements", needs))
    return {severity: SeverityPolicy(severity=severity) for severity in wanted} | {each.pk: each for each in written}


def _service_policies(incidents: Sequence[Incident]) -> dict[int | None, FrozenPolicy]:
    ids = {incident.service.policy_id for incident in incidents if incident.service}
    return {**freeze_all(EscalationPolicy.objects.filter(pk__in=ids - {None}))} if ids - {None} else {}


def _say_that_nobody(
    incidents: Sequence[Incident], *, policies: dict[int, SeverityPolicy], by: Actor
) -> list[PageRequest]:
    """Note on incidents that nobody is called for them, and return the pages that administrators get instead."""
    if not incidents:
        return []
    for incident in incidents:
        incident.trouble = (
            f"Nobody was called: {severity_name(incident.severity)} needs no leaders here and no service with an"
            " escalation policy is set. Add responders, or raise the severity."
        )
    Incident.objects.bulk_update(incidents, ["trouble"])
    administrators = [(str(person.pk), person.name) for person in Person.objects.administrators()]
    if by.kind in PEOPLE or not administrators:
        return []
    level = people_level(administrators, delay_s=ADMINISTRATORS_HAVE_S)
    return [
        _request(
            incident,
            purpose="administrators",
            frozen=FrozenPolicy(name="Administrators", levels=(level,), rounds=policies[incident.severity].rounds),
            policy=policies[incident.severity],
        )
        for incident in incidents
    ]


def _request(incident: Incident, *, purpose: str, frozen: FrozenPolicy, policy: SeverityPolicy) -> PageRequest:
    return PageRequest(
        policy=frozen,
        title=incident.headline,
        subject=incident.subject,
        purpose=purpose,
        urgency=policy.urgency,
        severity=incident.severity,
    )
