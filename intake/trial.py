"""Try a rule on the alerts of late, before it decides about the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from intake.facts import facts_of
from intake.models import Alert, RoutingRule
from intake.rules.routing import first_match, holds

TRIED_ON: Final = 500
SHOWN: Final = 5


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a rule would have done: how many of `tried` alerts its conditions fit, and how many of those an earlier rule
    takes before it. `examples` are the newest that would be its own."""

    tried: int
    fit: int
    taken_before: int
    examples: list[Alert]


def try_conditions(conditions: Sequence[dict[str, Any]], *, rule: RoutingRule | None) -> Trial:
    """Try conditions on the newest alerts, as those of `rule` at its place (None: a new rule, see `add_rule`)."""
    before = RoutingRule.objects.filter(active=True)
    if rule is not None:
        before = before.filter(position__lt=rule.position)
    earlier = [each for each in before if each.conditions or rule is not None]
    alerts = list(Alert.objects.select_related("service", "integration").order_by("-pk")[:TRIED_ON])
    fitting = [alert for alert in alerts if all(holds(each, facts_of(alert)) for each in conditions)]
    own = [alert for alert in fitting if first_match(earlier, facts_of(alert)) is None]
    return Trial(tried=len(alerts), fit=len(fitting), taken_before=len(fitting) - len(own), examples=own[:SHOWN])
