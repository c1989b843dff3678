"""Append to the chain of a subject."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.transaction import TransactionManagementError

from ledger.actor import Actor
from ledger.models import Entry
from ledger.rules import GENESIS, JSON, Link, canonical, check_names, personal_digest

SALT_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Event:
    """What is to be recorded: the arguments of `append`, for many at once."""

    subject: str
    verb: str
    by: Actor
    now: datetime
    payload: Mapping[str, JSON] | None = None
    personal: str = ""


def append(
    *,
    subject: str,
    verb: str,
    by: Actor,
    now: datetime,
    payload: Mapping[str, JSON] | None = None,
    personal: str = "",
) -> Entry:
    """Record that `by` did `verb` to `subject` at `now`, in the caller's transaction; return the entry.

    `payload` holds text, whole numbers, booleans, None, lists and objects. `personal` is free text written by a person:
    it stands beside the chain by digest and can be erased. Raises `UnfitForLedger` for anything else, and
    `TransactionManagementError` outside a transaction, because a change and its record commit together or not at all.

    Locks the subject's head (`FOR NO KEY UPDATE`), which is to be the last lock an operation takes.
    """
    return append_all([Event(subject=subject, verb=verb, by=by, now=now, payload=payload, personal=personal)])[0]


def append_all(events: Sequence[Event]) -> list[Entry]:
    """Record many events in their order, with one lock statement (heads by subject) and one insert; return the entries.

    An operation that records several subjects in one transaction does it in one call: heads taken one call after the
    other, in an order of each operation's own, would be a deadlock. Promises and errors are those of `append`.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("The ledger is written inside the transaction of the change that it records.")
    for event in events:
        check_names(subject=event.subject, verb=event.verb)
    heads = _lock(sorted({event.subject for event in events}))
    entries, salts = [], []
    for event in events:
        salt = secrets.token_hex(SALT_BYTES) if event.personal else ""
        entry = _entry(event, salt=salt, after=heads[event.subject])
        heads[event.subject] = Link(seq=entry.seq, hash=entry.hash)
        entries.append(entry)
        salts.append(salt)
    if entries:
        _store(entries, salts)
    return entries


def _lock(subjects: Sequence[str]) -> dict[str, Link]:
    """Lock the heads of `subjects`, sorted, and make those that are new."""
    heads = _locked_heads(subjects)
    new = [subject for subject in subjects if subject not in heads]
    if new:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_head (subject, seq, hash, anchored_seq)"
                " SELECT fresh, 0, %s, 0 FROM unnest(%s::text[]) AS fresh ON CONFLICT (subject) DO NOTHING",
                [GENESIS, new],
            )
        # Somebody else may have made one of them meanwhile: only this reads it, once they have committed.
        heads |= _locked_heads(new)
    return heads


def _locked_heads(subjects: Sequence[str]) -> dict[str, Link]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, seq, hash FROM ledger_head WHERE subject = ANY(%s) ORDER BY subject FOR NO KEY UPDATE",
            [list(subjects)],
        )
        return {subject: Link(seq=seq, hash=head) for subject, seq, head in cursor.fetchall()}


def _entry(event: Event, *, salt: str, after: Link) -> Entry:
    entry = Entry(
        subject=event.subject,
        seq=after.seq + 1,
        at=event.now,
        actor_kind=event.by.kind,
        actor_id=event.by.id,
        actor_name=event.by.name,
        actor_via=event.by.via,
        verb=event.verb,
        payload=dict(event.payload or {}),
        personal_digest=personal_digest(salt=salt, text=event.personal) if event.personal else "",
    )
    entry.hash = entry.record(previous=after.hash).hash()
    entry.personal_text = event.personal
    return entry


def _store(entries: Sequence[Entry], salts: Sequence[str]) -> None:
    """Insert entries and texts and move the heads, in one statement and so in one round trip."""
    columns: list[list[object]] = [
        [entry.subject for entry in entries],
        [entry.seq for entry in entries],
        [entry.at for entry in entries],
        [entry.actor_kind for entry in entries],
        [entry.actor_id for entry in entries],
        [entry.actor_name for entry in entries],
        [entry.actor_via for entry in entries],
        [entry.verb for entry in entries],
        [canonical(entry.payload).decode() for entry in entries],
        [entry.personal_digest for entry in entries],
        [entry.hash for entry in entries],
        list(salts),
        [entry.personal_text for entry in entries],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_STORE, columns)


_STORE = """
WITH fresh AS (
    SELECT * FROM unnest(
        %s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]
    ) AS f (
        subject, seq, at, actor_kind, actor_id, actor_name, actor_via, verb,
        payload, personal_digest, hash, salt, personal
    )
), entries AS (
    INSERT INTO ledger_entry
        (subject, seq, at, actor_kind, actor_id, actor_name, actor_via, verb, payload, personal_digest, hash)
    SELECT subject, seq, at, actor_kind, actor_id, actor_name, actor_via, verb, payload::jsonb, personal_digest, hash
    FROM fresh
), texts AS (
    INSERT INTO ledger_personaltext (subject, seq, salt, text)
    SELECT subject, seq, salt, personal FROM fresh WHERE personal <> ''
)
UPDATE ledger_head AS head SET seq = newest.seq, hash = newest.hash
FROM (SELECT DISTINCT ON (subject) subject, seq, hash FROM fresh ORDER BY subject, seq DESC) AS newest
WHERE head.subject = newest.subject
"""
