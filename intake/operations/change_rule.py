"""Make a routing rule, change it, move it, switch it off and on, take it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from incidents.models import IncidentType, Service
from intake.models import RoutingRule
from intake.rules.routing import faults
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from web import live
from web.errors import BadInput, NotFound

SUBJECT: Final = "settings:rules"
ORDER_LOCK: Final = 0x52554C45
"""Two people who move rules at once would number them twice; positions are set under this advisory lock."""


@dataclass(frozen=True, kw_only=True)
class RuleDraft:
    """What a rule is to be. `conditions` as `intake.rules.routing` reads them; `on_all_resolved` "" is the default."""

    name: str
    conditions: Sequence[dict[str, Any]]
    action: str
    service: Service | None = None
    incident_type: str = IncidentType.OTHER
    incident_severity: int = 3
    on_all_resolved: str = ""
    storm_alerts: int = 20
    storm_seconds: int = 60


def add_rule(*, draft: RuleDraft, by: Actor, now: datetime) -> RoutingRule:
    """Create a rule before the ones that match everything, else as the last. Raises `BadInput`."""
    _check(draft)
    rules = _in_order()
    rule = RoutingRule(**_columns(draft))
    last_specific = max((place for place, each in enumerate(rules) if each.conditions), default=-1)
    place = last_specific + 1 if draft.conditions else len(rules)
    rule.position = place + 1
    rule.save()
    _number([*rules[:place], rule, *rules[place:]])
    _record(rule, "rule.added", by=by, now=now)
    return rule


def change_rule(*, rule_id: int, draft: RuleDraft, by: Actor, now: datetime) -> RoutingRule:
    """Set what a rule does from the next alert on. Locks it; changing nothing records nothing."""
    rule = _lock(rule_id)
    _check(draft)
    before = _payload(rule)
    for name, value in _columns(draft).items():
        setattr(rule, name, value)
    rule.save()
    was = {name: value for name, value in before.items() if _payload(rule)[name] != value}
    if was:
        _record(rule, "rule.changed", by=by, now=now, more={"from": was})
    return rule


def move_rule(*, rule_id: int, up: bool, by: Actor, now: datetime) -> RoutingRule:
    """Let a rule change places with the one above (or below) it; the first and last stay where they are."""
    rules = _in_order()
    place = next((place for place, each in enumerate(rules) if each.pk == rule_id), None)
    if place is None:
        raise NotFound("There is no such routing rule.")
    other = place - 1 if up else place + 1
    rule = rules[place]
    if 0 <= other < len(rules):
        rules[place], rules[other] = rules[other], rules[place]
        _number(rules)
        _record(rule, "rule.moved", by=by, now=now, more={"position": other + 1})
    return rule


def switch_rule(*, rule_id: int, active: bool, by: Actor, now: datetime) -> RoutingRule:
    """Let a rule rest, or work again. Locks it; repeating changes nothing."""
    rule = _lock(rule_id)
    if rule.active != active:
        rule.active = active
        rule.save(update_fields=["active"])
        _record(rule, "rule.switched_on" if active else "rule.switched_off", by=by, now=now)
    return rule


def remove_rule(*, rule_id: int, by: Actor, now: datetime) -> None:
    """Take a rule away; the incidents it opened are then only suggested to be resolved."""
    rule = _lock(rule_id)
    payload = _payload(rule)
    rule.delete()
    append(subject=SUBJECT, verb="rule.removed", by=by, now=now, payload=payload)
    live.changed("settings", SUBJECT)


def _in_order() -> list[RoutingRule]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ORDER_LOCK])
    return list(RoutingRule.objects.select_for_update(no_key=True, of=("self",)).select_related("service"))


def _number(rules: Sequence[RoutingRule]) -> None:
    for position, rule in enumerate(rules, start=1):
        rule.position = position
    RoutingRule.objects.bulk_update(rules, ["position"])


def _lock(rule_id: int) -> RoutingRule:
    rows = RoutingRule.objects.select_for_update(no_key=True, of=("self",)).select_related("service")
    rule = rows.filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("There is no such routing rule.")
    return rule


def _check(draft: RuleDraft) -> None:
    errors: dict[str, str] = {}
    if not draft.name.strip():
        errors["name"] = "Give the rule a name; it stands in timelines."
    if draft.action not in RoutingRule.Action.values:
        errors["action"] = "Choose what the rule does."
    if draft.incident_severity not in (1, 2, 3, 4):
        errors["incident_severity"] = "A severity is 1 to 4."
    wrong = [sentence for condition in draft.conditions for sentence in faults(condition)]
    if wrong:
        errors["conditions"] = " ".join(wrong)
    if errors:
        raise BadInput("The rule was not saved. " + " ".join(errors.values()), errors=errors)


def _columns(draft: RuleDraft) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "conditions": list(draft.conditions),
        "action": draft.action,
        "service": draft.service,
        "incident_type": draft.incident_type,
        "incident_severity": draft.incident_severity,
        "on_all_resolved": draft.on_all_resolved,
        "storm_alerts": draft.storm_alerts,
        "storm_seconds": draft.storm_seconds,
    }


def _payload(rule: RoutingRule) -> dict[str, JSON]:
    return {
        "id": rule.pk,
        "name": rule.name,
        "conditions": list(rule.conditions),
        "action": rule.action,
        "service": rule.service.name if rule.service else "",
        "incident_type": rule.incident_type,
        "incident_severity": rule.incident_severity,
        "on_all_resolved": rule.on_all_resolved,
        "storm_alerts": rule.storm_alerts,
        "storm_seconds": rule.storm_seconds,
    }


def _record(rule: RoutingRule, verb: str, *, by: Actor, now: datetime, more: dict[str, JSON] | None = None) -> None:
    append(subject=SUBJECT, verb=verb, by=by, now=now, payload={**_payload(rule), **(more or {})})
    live.changed("settings", SUBJECT)
