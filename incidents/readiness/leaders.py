"""Would every severity muster the leaders it needs?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from incidents.models import MusterRequirement, SeverityPolicy
from incidents.readiness.finding import Finding, Grade
from incidents.rules.numbers import severity_name
from people.models import Tier
from people.queries import tier_line, tier_people


def check_severities() -> Iterator[Finding]:
    """Find severities without written meaning, or without the leaders that they should call."""
    written = {policy.severity: policy for policy in SeverityPolicy.objects.all()}
    needing = set(MusterRequirement.objects.values_list("severity", flat=True))
    for severity in (1, 2, 3, 4):
        name = severity_name(severity)
        if severity not in written:
            sentence = f"{name} has no meaning and no rules yet."
            yield _severity(severity, "no_severity", "broken", sentence, "Write what it means and whom it calls.")
        elif severity not in needing:
            grade: Grade = "broken" if severity == 1 else "weak" if severity == 2 else "advice"
            sentence = f"{name} calls no leaders; it pages the service's escalation policy only."
            yield _severity(severity, "no_requirement", grade, sentence, "Choose the tiers it needs, or leave it so.")


def check_tiers(*, now: datetime) -> Iterator[Finding]:
    """Find tiers that are needed and can't meet their quorum, or only just."""
    needs = list(MusterRequirement.objects.select_related("tier").order_by("tier__rank", "-quorum"))
    most: dict[Tier, MusterRequirement] = {}
    for need in needs:
        most.setdefault(need.tier, need)
    for tier, need in most.items():
        people, line = tier_people(tier.pk, now), tier_line(tier.pk)
        own = {person.pk for person in people}
        spare = [person for person in line if person.pk not in own]
        if not people:
            who = "nobody is on call" if tier.schedule_id else "it has no members"
            sentence = f"{tier.name} can't be called: {who}."
            yield _tier(tier, "empty_tier", "broken", sentence, "Put people there who can decide.")
        elif len(people) + len(spare) < need.quorum:
            sentence = f"{tier.name} needs {need.quorum} but has {len(people) + len(spare)}, stand-ins included."
            yield _tier(tier, "below_quorum", "broken", sentence, "Add people, or lower the quorum.")
        elif len(people) < need.quorum:
            sentence = f"{tier.name} needs {need.quorum} but has {len(people)}; it always needs stand-ins."
            yield _tier(tier, "below_quorum", "weak", sentence, "Add people, or lower the quorum.")
        if people and not spare:
            sentence = f"{tier.name} has no line of succession: when it is silent, only the administrators are left."
            yield _tier(tier, "no_line", "weak", sentence, "Name who stands in, first one first.")


def _severity(severity: int, check: str, grade: Grade, sentence: str, todo: str) -> Finding:
    return Finding(
        check=check,
        grade=grade,
        sentence=sentence,
        todo=todo,
        subject=f"severity:{severity}",
        name=severity_name(severity),
    )


def _tier(tier: Tier, check: str, grade: Grade, sentence: str, todo: str) -> Finding:
    return Finding(check=check, grade=grade, sentence=sentence, todo=todo, subject=f"tier:{tier.key}", name=tier.name)
