"""The last step of every change: save, record, tell the screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from incidents.models import Incident
from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from ledger.rules import JSON
from web import live


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing to record: a verb of the ledger, what belongs to it, and the text that a person wrote.

    `by` is set where somebody else than the operation's actor did it.
    """

    verb: str
    payload: Mapping[str, JSON] = field(default_factory=dict)
    personal: str = ""
    by: Actor | None = None


def record(incident: Incident, *, facts: Sequence[Fact], by: Actor, now: datetime, changed: Sequence[str] = ()) -> None:
    """Save the `changed` fields of a locked incident, count its version up, and put `facts` into its chain.

    Takes the ledger's head, so it comes after every other lock. Screens hear of it after the commit.
    """
    incident.version += 1
    incident.save(update_fields=[*changed, "version"])
    append_all(
        [
            Event(
                subject=incident.subject,
                verb=fact.verb,
                by=fact.by or by,
                now=now,
                payload=fact.payload,
                personal=fact.personal,
            )
            for fact in facts
        ]
    )
    live.changed(incident.subject, "incidents")
