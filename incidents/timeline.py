"""The timeline: an incident's ledger, read as sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incidents.models import Incident
from incidents.sentences import SAYINGS, Said, Saying
from ledger.models import Entry
from ledger.queries import entries, newest

CALLS: Final = ("page.", "muster.tier_complete")
"""How verbs begin that an executive's account leaves out: it tells what was done and decided, not every call."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry. `seq` is its place in the incident's chain and the cursor; `text` is what a person wrote.

    `icon` names a drawing of the sprite, `tone` a state of the stylesheet (ok, watch, bad, calm, quiet).
    `detail`: another line says it too.
    """

    seq: int
    at: datetime
    verb: str
    sentence: str
    text: str
    who: str
    via: str
    icon: str
    tone: str
    detail: bool


def timeline(incident: Incident, *, after_seq: int = 0, limit: int = 200) -> list[Line]:
    """Return up to `limit` lines after entry `after_seq`, oldest first; the last one's `seq` is the next cursor."""
    return _lines(entries(incident.subject, after_seq=after_seq, limit=limit))


def newest_lines(
    incident: Incident, *, limit: int = 100, headlines_only: bool = False, details: bool = True
) -> list[Line]:
    """Return the last lines, newest first, at most `limit`.

    With `headlines_only` those that an executive reads; without `details` each thing is said once. Looks at the last
    `limit` times four entries for them.
    """
    lines = _lines(newest(incident.subject, limit=limit if details and not headlines_only else 4 * limit))
    if headlines_only:
        lines = [line for line in lines if not line.verb.startswith(CALLS)]
    return [line for line in lines if details or not line.detail][:limit]


def _lines(found: Iterable[Entry]) -> list[Line]:
    return [_line(entry) for entry in found]


def sentence_of(entry: Entry) -> str:
    """Return how an entry reads to people, "" where nobody gave its verb a sentence."""
    saying = SAYINGS.get(entry.verb)
    return saying.say(_said(entry)) if saying else ""


def _said(entry: Entry) -> Said:
    return Said(who=entry.actor_name, via=entry.actor_via, payload=entry.payload)


def _line(entry: Entry) -> Line:
    said = _said(entry)
    # An app above may write verbs of its own; until it brings sentences for them they are shown as they are.
    saying = SAYINGS.get(entry.verb) or Saying(icon="list", say=lambda s: f"{s.who}: {entry.verb}")
    return Line(
        seq=entry.seq,
        at=entry.at,
        verb=entry.verb,
        sentence=saying.say(said),
        text=entry.personal_text,
        who=entry.actor_name,
        via=entry.actor_via,
        icon=saying.icon,
        tone=saying.tone,
        detail=saying.detail(said),
    )
