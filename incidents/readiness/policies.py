"""Would every escalation policy and every service reach somebody?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from incidents.models import Service
from incidents.readiness.finding import Finding, Grade
from notifications.models import EscalationPolicy, Target
from people.queries import on_call_people, team_people, tier_people


def check_policies(*, now: datetime) -> Iterator[Finding]:
    """Find policies without levels, and levels that reach nobody."""
    policies = EscalationPolicy.objects.prefetch_related(
        "levels__targets__person", "levels__targets__team", "levels__targets__tier", "levels__targets__schedule"
    )
    for policy in policies:
        levels = list(policy.levels.all())
        if not levels:
            sentence = f"“{policy.name}” has no levels: a page by it goes straight to the administrators."
            yield _finding(policy, "no_levels", "broken", sentence, "Add a level with somebody in it.")
        reached = [any(_reaches_somebody(target, now=now) for target in level.targets.all()) for level in levels]
        for place, (level, somebody) in enumerate(zip(levels, reached, strict=True), start=1):
            if somebody:
                continue
            grade: Grade = "weak" if any(reached) else "broken"
            why = "is empty" if not level.targets.all() else "reaches nobody now"
            sentence = f"Level {place} of “{policy.name}” {why}."
            yield _finding(policy, "empty_level", grade, sentence, "Add somebody to it, or remove it.")


def check_services() -> Iterator[Finding]:
    """Find services for which nobody would be paged."""
    for service in Service.objects.filter(policy=None):
        yield Finding(
            check="no_policy",
            grade="weak",
            sentence=f"{service.name} has no escalation policy: its lesser incidents page nobody of its own.",
            todo="Choose the policy that reaches those who run it.",
            subject=f"service:{service.key}",
            name=service.name,
        )


def _reaches_somebody(target: Target, *, now: datetime) -> bool:
    if target.person is not None:
        return target.person.is_active
    if target.schedule_id is not None:
        return bool(on_call_people(target.schedule_id, now))
    if target.team_id is not None:
        return bool(team_people(target.team_id))
    return target.tier_id is not None and bool(tier_people(target.tier_id, now))


def _finding(policy: EscalationPolicy, check: str, grade: Grade, sentence: str, todo: str) -> Finding:
    return Finding(
        check=check, grade=grade, sentence=sentence, todo=todo, subject=f"policy:{policy.pk}", name=policy.name
    )
