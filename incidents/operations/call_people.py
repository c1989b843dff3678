"""Call those whom an incident needs: the leaders of its severity, else the people of its service."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from typing import Final

from incidents.models import Incident, MusterRequirement, SeverityPolicy
from incidents.operations.start_muster import start_muster
from incidents.rules.numbers import severity_name
from ledger.actor import Actor
from notifications.models import EscalationPolicy, Page, Urgency
from notifications.operations.cancel_pages import cancel_pages
from notifications.operations.start_page import PageRequest, start_pages
from notifications.queries import OPEN_STATES, freeze_all
from notifications.rules.frozen_policy import FrozenPolicy, people_level
from people.models import Person

ADMINISTRATORS_HAVE_S: Final = 300
SERVICE: Final = "service"
ADMINISTRATORS: Final = "administrators"
PEOPLE: Final = ("person", "token")
"""Actors who see what they declared; whatever else declares has nobody looking at it."""


def call_people(*, incident: Incident, by: Actor, now: datetime) -> None:
    """Start or widen the muster of the incident's severity; where that needs no leaders, page the service's policy.

    Who is called already is not called again, unless by a page of low urgency alone where the severity has a high one.
    Promises are those of `call_for`.
    """
    if _needs({incident.severity}):
        call_for([incident], by=by, now=now)
        return
    louder = _policies({incident.severity})[incident.severity].high_urgency
    calling = list(Page.objects.filter(subject=incident.subject, state__in=OPEN_STATES))
    quiet = [page for page in calling if page.state == Page.State.PAGING and page.urgency == Urgency.LOW]
    if not calling or (louder and len(quiet) == len(calling)):
        replaced = [page.pk for page in quiet if page.purpose in (SERVICE, ADMINISTRATORS)]
        cancel_pages(page_ids=replaced, reason=Page.CancelReason.MERGED, by=by, now=now)
        call_for([incident], by=by, now=now)


def call_for(incidents: Sequence[Incident], *, by: Actor, now: datetime) -> None:
    """Call those whom each incident needs, with few statements for many.

    Where there is nobody to call, the incident says so in `trouble`; if no person declared it, the administrators are
    paged, because nobody else knows of it. Expects the incidents and their open pages locked, or new.
    """
    severities = {incident.severity for incident in incidents}
    policies, needs = _policies(severities), _needs(severities)
    requests, silent = [], []
    of_services = _service_policies(incidents)
    for incident in incidents:
        policy = policies[incident.severity]
        if incident.severity in needs:
            start_muster(incident=incident, policy=policy, needs=needs[incident.severity], by=by, now=now)
        elif incident.service and incident.service.policy_id:
            frozen = of_services[incident.service.policy_id]
            requests.append(_request(incident, purpose=SERVICE, frozen=frozen, policy=policy))
        else:
            silent.append(incident)
    requests += _say_that_nobody(silent, policies=policies, by=by)
    if requests:
        start_pages(requests, by=by, now=now)


def _policies(severities: Set[int]) -> dict[int, SeverityPolicy]:
    """Return the policies of severities; one that pages loudly where none is written."""
    written = {each.pk: each for each in SeverityPolicy.objects.filter(pk__in=severities)}
    return {severity: SeverityPolicy(severity=severity) for severity in severities} | written


def _needs(severities: Set[int]) -> dict[int, list[MusterRequirement]]:
    """Return the tiers that severities need, highest first; those that need none are left out."""
    needs: dict[int, list[MusterRequirement]] = {}
    found = MusterRequirement.objects.filter(severity__in=severities).select_related("tier")
    for need in found.order_by("tier__rank", "pk"):
        needs.setdefault(need.severity_id, []).append(need)
    return needs


def _service_policies(incidents: Sequence[Incident]) -> dict[int, FrozenPolicy]:
    ids = {incident.service.policy_id for incident in incidents if incident.service and incident.service.policy_id}
    return freeze_all(EscalationPolicy.objects.filter(pk__in=ids)) if ids else {}


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
            purpose=ADMINISTRATORS,
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
