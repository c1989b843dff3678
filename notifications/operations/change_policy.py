"""Make an escalation policy, change it, take it away. Running pages keep the copy they started with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import models
from django.db.models import ProtectedError

from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from notifications.models import EscalationPolicy, Level, Target
from notifications.queries import freeze
from notifications.rules.frozen_policy import KINDS
from people.models import Person, Schedule, Team, Tier
from web import live
from web.errors import BadInput, IllegalMove, NotFound

SUBJECT: Final = "settings:policies"
SHORTEST_LEVEL_S: Final = 30
"""Below that nobody could have picked up: a phone rings for about 25 seconds."""
_MODELS: Final[dict[str, type[models.Model]]] = {"person": Person, "schedule": Schedule, "team": Team, "tier": Tier}


@dataclass(frozen=True, kw_only=True)
class LevelDraft:
    """One step: targets as "person:<id>", "schedule:<id>", "team:<id>" or "tier:<id>", and its time in seconds."""

    delay_s: int
    targets: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class PolicyDraft:
    """What a policy is to be; levels in the order in which they are called."""

    name: str
    levels: Sequence[LevelDraft]
    description: str = ""
    rounds: int = 3
    required_acknowledgements: int = 1
    remind_after_s: int | None = None
    repage_after_s: int | None = None


def add_policy(*, draft: PolicyDraft, by: Actor, now: datetime) -> EscalationPolicy:
    """Create a policy. Raises `BadInput` with a sentence per field."""
    targets = _checked(draft, policy_id=None)
    policy = EscalationPolicy.objects.create(**_columns(draft))
    _write_levels(policy, draft, targets)
    _record(policy, "policy.added", by=by, now=now)
    return policy


def change_policy(*, policy_id: int, draft: PolicyDraft, by: Actor, now: datetime) -> EscalationPolicy:
    """Set what a policy is. Locks it; changing nothing records nothing. Raises `BadInput` or `NotFound`."""
    policy = _lock(policy_id)
    targets = _checked(draft, policy_id=policy_id)
    before: dict[str, JSON] = freeze(policy).to_json()
    for name, value in _columns(draft).items():
        setattr(policy, name, value)
    policy.save()
    policy.levels.all().delete()
    _write_levels(policy, draft, targets)
    after: dict[str, JSON] = freeze(policy).to_json()
    was = {name: value for name, value in before.items() if after[name] != value}
    if was:
        _record(policy, "policy.changed", by=by, now=now, was=was)
    return policy


def remove_policy(*, policy_id: int, by: Actor, now: datetime) -> None:
    """Take a policy away. Raises `IllegalMove` while a service relies on it."""
    policy = _lock(policy_id)
    payload: dict[str, JSON] = {"id": policy.pk, "name": policy.name}
    try:
        policy.delete()
    except ProtectedError as error:
        users = ", ".join(sorted(str(each) for each in error.protected_objects))
        raise IllegalMove(f"“{payload['name']}” is still the policy of {users}. Change that first.") from None
    append(subject=SUBJECT, verb="policy.removed", by=by, now=now, payload=payload)
    live.changed("settings", SUBJECT)


def _lock(policy_id: int) -> EscalationPolicy:
    policy = EscalationPolicy.objects.select_for_update(no_key=True).filter(pk=policy_id).first()
    if policy is None:
        raise NotFound("There is no such escalation policy.")
    return policy


def _columns(draft: PolicyDraft) -> dict[str, str | int | None]:
    return {
        "name": draft.name.strip(),
        "description": draft.description.strip(),
        "rounds": draft.rounds,
        "required_acknowledgements": draft.required_acknowledgements,
        "remind_after_s": draft.remind_after_s,
        "repage_after_s": draft.repage_after_s,
    }


def _checked(draft: PolicyDraft, *, policy_id: int | None) -> list[list[models.Model]]:
    """Return the rows that each level reaches; raise `BadInput`."""
    errors: dict[str, str] = {}
    if not draft.name.strip():
        errors["name"] = "Give the policy a name."
    elif EscalationPolicy.objects.filter(name=draft.name.strip()).exclude(pk=policy_id or 0).exists():
        errors["name"] = "There is a policy of this name already."
    if not 1 <= draft.rounds <= 20:
        errors["rounds"] = "Choose 1 to 20 rounds."
    if not 1 <= draft.required_acknowledgements <= 20:
        errors["required_acknowledgements"] = "Choose 1 to 20 people."
    if draft.repage_after_s is not None and draft.remind_after_s is None:
        errors["repage_after_s"] = "The page can only start again after a reminder. Set the reminder too."
    targets = [[_target(key, errors) for key in level.targets] for level in draft.levels]
    if not targets or not all(targets):
        errors["levels"] = "Each level needs somebody to call, and a policy at least one level."
    if any(level.delay_s < SHORTEST_LEVEL_S for level in draft.levels):
        errors["levels"] = f"Give each level at least {SHORTEST_LEVEL_S} seconds, so that a phone can ring."
    if errors:
        raise BadInput("The policy was not saved. " + " ".join(errors.values()), errors=errors)
    return [[row for row in level if row is not None] for level in targets]


def _target(key: str, errors: dict[str, str]) -> models.Model | None:
    kind, _, id_ = key.partition(":")
    try:
        wanted: object = UUID(id_) if kind == "person" else int(id_)
        found = _MODELS[kind]._default_manager.filter(pk=wanted).first() if kind in KINDS else None
    except ValueError:
        found = None
    if found is None:
        errors["levels"] = "Somebody in a level is not known any more. Choose again."
    elif isinstance(found, Person) and not found.is_active:
        errors["levels"] = f"{found.name} left. Choose somebody else."
    return found


def _write_levels(policy: EscalationPolicy, draft: PolicyDraft, targets: Sequence[Sequence[models.Model]]) -> None:
    for position, (level, rows) in enumerate(zip(draft.levels, targets, strict=True), start=1):
        written = Level.objects.create(policy=policy, position=position, delay_s=level.delay_s)
        Target.objects.bulk_create(Target(level=written, **{type(row).__name__.lower(): row}) for row in rows)


def _record(
    policy: EscalationPolicy, verb: str, *, by: Actor, now: datetime, was: dict[str, JSON] | None = None
) -> None:
    payload: dict[str, JSON] = {"id": policy.pk, **freeze(policy).to_json()}
    if was:
        payload["from"] = was
    append(subject=SUBJECT, verb=verb, by=by, now=now, payload=payload)
    live.changed("settings", SUBJECT)
