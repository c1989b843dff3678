"""The ledger in the API, whole: with what is needed to recompute a chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from ledger.models import Entry
from ledger.queries import entries
from ledger.rules import microseconds
from people.api_door import admit
from people.permissions import AUDIT
from web.api import Page, Query, Router, Schema, Window
from web.api.fields import Name
from web.api.numbered import numbered

router = Router(tags=["ledger"])


class ActorOut(Schema):
    """Who did it, as they were called then; `via` is the way they came in."""

    kind: str
    id: str
    name: str
    via: str


class EntryOut(Schema):
    """One entry. `at_us` is what the hash covers: microseconds since 1970; `at` is shorter, for people.

    `text` is what a person wrote, "(erased)" once it was erased: the chain holds its digest only.
    """

    subject: str
    seq: int
    at: datetime
    at_us: int
    actor: ActorOut
    verb: str
    payload: dict[str, Any]
    text: str
    personal_digest: str
    hash: str


class LedgerAsked(Window):
    """Which chain: `incident:<id>`, `page:<id>`, `settings:people`."""

    subject: Name


@router.get("/ledger", response=Page[EntryOut])
def list_entries(request: HttpRequest, asked: Query[LedgerAsked]) -> dict[str, Any]:
    """Entries of one subject, oldest first; the cursor is the `seq` of the last one you have."""
    admit(request, AUDIT)
    return numbered(
        lambda after, limit: entries(asked.subject, after_seq=after, limit=limit),
        window=asked,
        number=lambda entry: entry.seq,
        serialize=_entry_out,
    )


def _entry_out(entry: Entry) -> EntryOut:
    return EntryOut(
        subject=entry.subject,
        seq=entry.seq,
        at=entry.at,
        at_us=microseconds(entry.at),
        actor=ActorOut(kind=entry.actor_kind, id=entry.actor_id, name=entry.actor_name, via=entry.actor_via),
        verb=entry.verb,
        payload=entry.payload or {},
        text=entry.personal_text,
        personal_digest=entry.personal_digest,
        hash=entry.hash,
    )
