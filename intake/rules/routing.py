"""Routing: which rule takes an alert. Pure: alert and rules as data in, the chosen rule out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

from intake.rules.patterns import fault_of

OPERATORS: Final = ("equals", "not_equals", "one_of", "contains", "starts_with", "matches", "at_least")
_RANK: Final = {"info": 1, "warning": 2, "error": 3, "critical": 4}
_LONGEST: Final = 2000
"""Characters of a value that a pattern is tried on: bounds the time a careless pattern can take."""


class RuleData(Protocol):
    """What routing needs of a rule."""

    @property
    def conditions(self) -> list[dict[str, Any]]: ...


R = TypeVar("R", bound=RuleData)


def first_match(rules: Iterable[R], facts: Mapping[str, Any]) -> R | None:
    """Return the first rule whose conditions all hold; an empty list of conditions always holds."""
    return next((rule for rule in rules if all(holds(c, facts) for c in rule.conditions)), None)


def holds(condition: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Tell whether `{"field", "is", "value"}` holds.

    `field` names a fact (source, service, severity, summary, dedup_key, integration) or a path into the event's
    own fields with dots ("labels.team"). A missing fact only satisfies `not_equals`.
    """
    wanted, operator = condition.get("value"), condition.get("is", "equals")
    found = _look_up(str(condition.get("field", "")), facts)
    if operator == "not_equals":
        return found is None or not _same(found, wanted)
    if found is None:
        return False
    return _compare(str(operator), found, wanted)


def faults(condition: Any) -> list[str]:
    """Return what is wrong with a condition as sentences; empty when it is fine."""
    if not isinstance(condition, dict) or not condition.get("field"):
        return ["A condition needs a field, such as severity or labels.team."]
    operator = condition.get("is", "equals")
    if operator not in OPERATORS:
        return [f"“{operator}” is not a comparison; use one of {', '.join(OPERATORS)}."]
    value = condition.get("value")
    if operator == "one_of" and not isinstance(value, list):
        return ["“one_of” needs a list of values."]
    if operator == "at_least" and value not in _RANK:
        return ["“at_least” compares severities: info, warning, error, critical."]
    if operator == "matches":
        fault = fault_of(str(value))
        return [f"The pattern {value!r} {fault}."] if fault else []
    return []


def _compare(operator: str, found: Any, wanted: Any) -> bool:
    compare = _COMPARISONS.get(operator)
    return compare is not None and compare(found, wanted)


def _one_of(found: Any, wanted: Any) -> bool:
    return isinstance(wanted, list) and any(_same(found, one) for one in wanted)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _same(found: Any, wanted: Any) -> bool:
    return found == wanted or str(found).casefold() == str(wanted).casefold()


def _look_up(path: str, facts: Mapping[str, Any]) -> Any:
    if path in facts and path != "fields":
        return facts[path]
    found: Any = facts.get("fields", {})
    for step in path.removeprefix("fields.").split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "equals": _same,
    "one_of": _one_of,
    "contains": lambda found, wanted: str(wanted).casefold() in str(found).casefold(),
    "starts_with": lambda found, wanted: str(found).casefold().startswith(str(wanted).casefold()),
    "matches": lambda found, wanted: _pattern(str(wanted)).search(str(found)[:_LONGEST]) is not None,
    "at_least": lambda found, wanted: _RANK.get(str(found), 0) >= _RANK.get(str(wanted), 5),
}
