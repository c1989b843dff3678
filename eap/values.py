"""What conditions and texts of a run can speak of, as mappings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from eap.actions.base import Host, Trouble
from eap.actions.texts import fill
from eap.format.document import Document
from eap.models import Run, RunStep
from incidents.models import Incident

_PLACE: Final = re.compile(r"\{(?:inputs|steps|target|run|incident)(?:\.[a-z0-9_]{1,60}){1,3}\}")


def values_of(run: Run, steps: Iterable[RunStep], document: Document, incident: Incident | None) -> dict[str, Any]:
    """Return inputs (secret ones never), what the steps left behind, the incident and the run."""
    return {
        "inputs": inputs_of(run, document),
        "steps": {step.key: {**step.facts, "state": step.state, "choice": step.choice} for step in steps},
        "incident": incident_values(incident),
        "run": {"id": str(run.pk), "drill": run.drill},
    }


def inputs_of(run: Run, document: Document) -> dict[str, Any]:
    """Return the inputs as conditions compare them: a moment as a moment."""
    return {
        name: datetime.fromisoformat(value)
        if value is not None and name in document.inputs and document.inputs[name].type == "datetime"
        else value
        for name, value in run.inputs.items()
    }


def incident_values(incident: Incident | None) -> dict[str, Any]:
    """Return what is known of the incident; nothing for a run without one."""
    if incident is None:
        return {}
    return {
        "number": incident.number,
        "title": incident.title,
        "severity": incident.severity,
        "type": incident.type,
        "status": incident.status,
    }


def target_values(host: Host) -> dict[str, Any]:
    """Return what a fan-out's texts can say of their host."""
    return {**host.variables, "name": host.name, "address": host.address}


def filled(text: str, values: Mapping[str, Any]) -> str:
    """Return a text for people with its places filled; what has no value (yet) reads "…"."""
    return _PLACE.sub(lambda found: _one(found[0], values), text)


def _one(place: str, values: Mapping[str, Any]) -> str:
    try:
        found = fill(f"{place} ", values)
    except Trouble:
        return "…"
    return str(found).removesuffix(" ")
