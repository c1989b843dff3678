"""Write what a severity means, how it pages, and which leaders it musters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incidents.models import MusterRequirement, SeverityPolicy
from incidents.rules.numbers import severity_name
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from people.models import Tier
from web import live
from web.errors import BadInput

SUBJECT: Final = "settings:severities"


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """`quorum` people of this tier within `deadline_s`; each successor has `succession_s` to answer (seconds)."""

    tier: Tier
    quorum: int
    deadline_s: int
    succession_s: int


@dataclass(frozen=True, kw_only=True)
class SeverityDraft:
    """What a severity is to mean and to do."""

    meaning: str
    high_urgency: bool
    rounds: int
    remind_after_s: int | None
    repage_after_s: int | None
    requirements: Sequence[Requirement]


def change_severity_policy(*, severity: int, draft: SeverityDraft, by: Actor, now: datetime) -> SeverityPolicy:
    """Set a severity's policy (it is written when there was none). Musters under way keep what they started with.

    Locks the policy's row; changing nothing records nothing. Raises `BadInput`.
    """
    _check(severity, draft)
    SeverityPolicy.objects.get_or_create(severity=severity, defaults={"meaning": ""})
    policy = SeverityPolicy.objects.select_for_update(no_key=True).get(pk=severity)
    before = _payload(policy)
    policy.meaning, policy.high_urgency, policy.rounds = draft.meaning.strip(), draft.high_urgency, draft.rounds
    policy.remind_after_s, policy.repage_after_s = draft.remind_after_s, draft.repage_after_s
    policy.save()
    policy.requirements.all().delete()
    MusterRequirement.objects.bulk_create(
        MusterRequirement(
            severity=policy,
            tier=need.tier,
            quorum=need.quorum,
            deadline_s=need.deadline_s,
            succession_s=need.succession_s,
        )
        for need in draft.requirements
    )
    after = _payload(policy)
    was = {name: value for name, value in before.items() if after[name] != value}
    if was:
        payload: dict[str, JSON] = {**after, "from": was}
        append(subject=SUBJECT, verb="severity.changed", by=by, now=now, payload=payload)
        live.changed("settings", SUBJECT)
    return policy


def _check(severity: int, draft: SeverityDraft) -> None:
    errors: dict[str, str] = {}
    if severity not in (1, 2, 3, 4):
        raise BadInput("A severity is 1 to 4.", errors={"severity": "Choose 1 to 4."})
    if not draft.meaning.strip():
        errors["meaning"] = "Write when to choose this severity, so that nobody guesses at night."
    if not 1 <= draft.rounds <= 20:
        errors["rounds"] = "Choose 1 to 20 rounds."
    if draft.repage_after_s is not None and draft.remind_after_s is None:
        errors["repage_after_s"] = "The page can only start again after a reminder. Set the reminder too."
    if len({need.tier.pk for need in draft.requirements}) < len(draft.requirements):
        errors["requirements"] = "Each tier can stand here once only."
    if any(need.quorum < 1 or need.deadline_s < 30 or need.succession_s < 30 for need in draft.requirements):
        errors["requirements"] = "Each tier needs at least one person and half a minute."
    if errors:
        sentence = f"{severity_name(severity)} was not saved. " + " ".join(errors.values())
        raise BadInput(sentence, errors=errors)


def _payload(policy: SeverityPolicy) -> dict[str, JSON]:
    needs: list[JSON] = [
        {
            "tier": need.tier.name,
            "quorum": need.quorum,
            "deadline_s": need.deadline_s,
            "succession_s": need.succession_s,
        }
        for need in policy.requirements.select_related("tier").order_by("tier__rank", "tier__key")
    ]
    return {
        "severity": policy.severity,
        "meaning": policy.meaning,
        "high_urgency": policy.high_urgency,
        "rounds": policy.rounds,
        "remind_after_s": policy.remind_after_s,
        "repage_after_s": policy.repage_after_s,
        "requirements": needs,
    }
