"""Reads of policies and pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Min, Prefetch, Q, QuerySet, When
from django.db.models.functions import Cast
from django.http import HttpRequest

from notifications.models import EscalationPolicy, Level, Page, Responder, Target
from notifications.rules.escalation import Answering, Standing
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy, FrozenTarget
from people.models import Person

OPEN_STATES = (Page.State.PAGING, Page.State.ACKNOWLEDGED)


def freeze(policy: EscalationPolicy) -> FrozenPolicy:
    """Return the copy of a policy that a page starts with."""
    return freeze_all([policy])[policy.pk]


def freeze_all(policies: Iterable[EscalationPolicy]) -> dict[int, FrozenPolicy]:
    """Return the copies of policies by their ids. Two queries for any number of them."""
    listed = {policy.pk: policy for policy in policies}
    levels: dict[int, list[Level]] = {pk: [] for pk in listed}
    for level in (
        Level.objects.filter(policy__in=listed)
        .order_by("policy", "position")
        .prefetch_related(
            Prefetch("targets", Target.objects.select_related("person", "schedule", "team", "tier").order_by("pk"))
        )
    ):
        levels[level.policy_id].append(level)
    return {pk: _freeze(policy, levels=levels[pk]) for pk, policy in listed.items()}


def _freeze(policy: EscalationPolicy, *, levels: Iterable[Level]) -> FrozenPolicy:
    return FrozenPolicy(
        name=policy.name,
        rounds=policy.rounds,
        required_acknowledgements=policy.required_acknowledgements,
        remind_after_s=policy.remind_after_s,
        repage_after_s=policy.repage_after_s,
        levels=tuple(
            FrozenLevel(delay_s=level.delay_s, targets=tuple(_freeze_target(target) for target in level.targets.all()))
            for level in levels
        ),
    )


def _freeze_target(target: Target) -> FrozenTarget:
    if target.person is not None:
        return FrozenTarget(kind="person", id=str(target.person.pk), name=target.person.name)
    if target.schedule is not None:
        return FrozenTarget(kind="schedule", id=str(target.schedule.pk), name=target.schedule.name)
    if target.team is not None:
        return FrozenTarget(kind="team", id=str(target.team.pk), name=target.team.name)
    if target.tier is None:
        raise ValueError(f"Target {target.pk} of level {target.level_id} reaches nobody.")
    return FrozenTarget(kind="tier", id=str(target.tier.pk), name=target.tier.name)


def freeze_person(person: Person, *, rounds: int = 3, delay_s: int = 300) -> FrozenPolicy:
    """Return a policy that pages one person directly, `rounds` times with `delay_s` seconds each."""
    target = FrozenTarget(kind="person", id=str(person.pk), name=person.name)
    return FrozenPolicy(name=person.name, rounds=rounds, levels=(FrozenLevel(delay_s=delay_s, targets=(target,)),))


def policy_named(name: str) -> EscalationPolicy | None:
    """Return the policy of this id or name, None when there is none; a name that is a number is found by name too."""
    wanted = Q(name=name)
    if name.isascii() and name.isdigit() and len(name) <= 18:
        wanted |= Q(pk=int(name))
    return EscalationPolicy.objects.filter(wanted).order_by("pk").first()


def standings(pages: Iterable[Page]) -> dict[UUID, Standing]:
    """Return where each page stands, as the rules see it. One query."""
    listed = list(pages)
    answering: dict[UUID, list[Answering]] = {page.pk: [] for page in listed}
    for responder in Responder.objects.filter(page__in=list(answering)):
        answering[responder.page_id].append(
            Answering(
                person=str(responder.person_id),
                state=responder.state,
                called_at=responder.called_at,
                answered_at=responder.answered_at,
                on_behalf=bool(responder.on_behalf_by),
            )
        )
    return {
        page.pk: Standing(
            level=page.level,
            round=page.round,
            next_step_at=page.next_step_at or page.paging_since,
            paging_since=page.paging_since,
            responders=tuple(answering[page.pk]),
        )
        for page in listed
    }


def names_of(ids: Iterable[str]) -> list[str]:
    """Return the names of these people in alphabetical order."""
    return list(Person.objects.filter(pk__in=list(ids)).order_by("name").values_list("name", flat=True))


def pages(
    *, subject: str | None = None, state: str | None = None, person: Person | None = None
) -> QuerySet[Page, Page]:
    """Return pages, newest first, with responders and their people at hand; `person` keeps those who were called."""
    found = Page.objects.prefetch_related(
        Prefetch("responders_called", Responder.objects.select_related("person"))
    ).select_related("acknowledged_by")
    if subject is not None:
        found = found.filter(subject=subject)
    if state is not None:
        found = found.filter(state=state)
    if person is not None:
        found = found.filter(responders_called__person=person)
    return found


def waiting_for(person: Person) -> QuerySet[Page, Page]:
    """Return the open pages that still wait for this person's answer, worst first.

    Somebody late may still answer, unless that was in an earlier search (the page was given to somebody else).
    """
    still_called = Q(state__in=[Responder.State.CALLED, Responder.State.DELIVERED])
    late = Q(state=Responder.State.LATE, called_at__gte=F("page__paging_since"))
    unanswered = Responder.objects.filter(still_called | late, person=person, page__state__in=OPEN_STATES)
    return pages().filter(pk__in=unanswered.values("page")).order_by("severity", "started_at")


def waiting_once(person: Person, *, subject: str | None = None) -> list[Page]:
    """Return the pages that wait for this person, one for each subject (the worst), worst first.

    Several tiers of one muster may call the same person; one answer is meant for all of them.
    """
    found: dict[str, Page] = {}
    for page in waiting_for(person) if subject is None else waiting_for(person).filter(subject=subject):
        found.setdefault(page.subject or str(page.pk), page)
    return list(found.values())


def count_of_mine(request: HttpRequest) -> int:
    """Return how many answers who is signed in owes, as `waiting_once` counts: the number beside "My pages"."""
    if not request.user.is_authenticated:
        return 0
    about = Case(When(subject="", then=Cast("pk", CharField())), default=F("subject"))
    return waiting_for(request.user).order_by().aggregate(number=Count(about, distinct=True))["number"] or 0


def oldest_due_s(*, now: datetime) -> float:
    """Return for how many seconds the longest waiting due page has waited; 0.0 when none is due. One index look-up."""
    due = Page.objects.filter(state__in=OPEN_STATES, next_step_at__lte=now)
    oldest = due.aggregate(oldest=Min("next_step_at"))["oldest"]
    return 0.0 if oldest is None else float((now - oldest).total_seconds())
