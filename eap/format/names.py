"""What a plan's conditions and texts can speak of, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from eap.format.document import Document, Input, Step
from eap.format.expressions import Fact, Names
from eap.format.kinds import Kind
from eap.format.order import before

STEP_STATES: Final = frozenset({"waiting", "ready", "active", "done", "failed", "skipped", "unknown", "cancelled"})
INCIDENT_TYPES: Final = frozenset(
    {
        "intrusion",
        "data_loss",
        "backup_failure",
        "failed_update",
        "hardware",
        "network",
        "ddos",
        "abuse",
        "mail",
        "dns",
        "third_party",
        "other",
    }
)
INCIDENT_STATUSES: Final = frozenset(
    {"triage", "investigating", "identified", "monitoring", "resolved", "closed", "declined", "merged"}
)
INCIDENT_ROLES: Final = frozenset({"commander", "deputy", "operations", "communications", "scribe", "sponsor"})
"""The incidents' own words, said again because the format knows no tables; a test holds them together."""
SURROUNDINGS: Final[Names] = {
    "incident.severity": Fact("number"),
    "incident.type": Fact("text", INCIDENT_TYPES),
    "incident.status": Fact("text", INCIDENT_STATUSES),
    "run.drill": Fact("boolean"),
}
TEXT_SURROUNDINGS: Final[Names] = {
    **SURROUNDINGS,
    "incident.number": Fact("number"),
    "incident.title": Fact("text"),
    "run.id": Fact("text"),
}
TARGET: Final[Names] = {"target.name": Fact("text"), "target.address": Fact("text"), "target.*": Fact("text")}
WITH_FACTS: Final = (Kind.AUTOMATION, Kind.VERIFY, Kind.SUB_PLAN, Kind.WAIT, Kind.STATUS_UPDATE, Kind.PAGE, Kind.MANUAL)
"""Kinds whose steps may leave facts of their own behind."""
_KINDS: Final[Mapping[str, str]] = {
    "text": "text",
    "number": "number",
    "boolean": "boolean",
    "date": "text",
    "datetime": "moment",
    "choice": "text",
    "hosts": "list",
}


def of_inputs(inputs: Mapping[str, Input]) -> dict[str, Fact]:
    """Return the names of a plan's inputs. Secret ones have none: nothing may depend on them or show them."""
    return {
        f"inputs.{name}": Fact(_KINDS[given.type], frozenset(given.options))  # type: ignore[arg-type]
        for name, given in inputs.items()
        if given.type != "secret"
    }


def of_step(step: Step) -> dict[str, Fact]:
    """Return the names that a step leaves behind for those after it."""
    found = {f"steps.{step.id}.state": Fact("text", STEP_STATES)}
    if step.decision is not None:
        found[f"steps.{step.id}.choice"] = Fact("text", frozenset(option.key for option in step.decision.options))
    if step.kind in WITH_FACTS:
        found[f"steps.{step.id}.*"] = Fact()
    return found


def by_step(document: Document) -> dict[str, Names]:
    """Return for each step what its conditions can speak of: inputs, incident, run, and the steps before it."""
    common = {**of_inputs(document.inputs), **SURROUNDINGS}
    left_behind = {step.id: of_step(step) for step in document.steps}
    earlier = before(document.steps)
    found: dict[str, Names] = {}
    for step in document.steps:
        names = dict(common)
        for identity in earlier[step.id]:
            names.update(left_behind[identity])
        found[step.id] = names
    return found
