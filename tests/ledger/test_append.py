"""Appending: gapless, in the caller's transaction, and never changed again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from ledger import queries
from ledger.actor import Actor
from ledger.models import Entry, Head, PersonalText, Segment
from ledger.operations.append import Event, append, append_all
from ledger.rules import GENESIS, UnfitForLedger
from tests.ledger.building import ADA, NOON, note


@pytest.mark.django_db
def test_entries_follow_each_other_and_come_back_as_written() -> None:
    first = note("incident:1", "Ada smelled smoke", title="Fire", number=7)
    second = note("incident:1", minutes=1)
    assert (first.seq, second.seq) == (1, 2)
    assert second.record(previous=first.hash).hash() == second.hash
    assert first.record(previous=GENESIS).hash() == first.hash
    read = queries.entries("incident:1")
    assert [(entry.seq, entry.verb, entry.payload, entry.personal_text, entry.actor, entry.at) for entry in read] == [
        (1, "noted", {"title": "Fire", "number": 7}, "Ada smelled smoke", ADA, NOON),
        (2, "noted", {}, "", ADA, NOON + timedelta(minutes=1)),
    ]
    assert [entry.seq for entry in queries.entries("incident:1", after_seq=1)] == [2]
    assert [entry.seq for entry in queries.newest("incident:1", limit=1)] == [2]
    assert Head.objects.get(subject="incident:1").hash == second.hash


@pytest.mark.django_db
def test_an_append_costs_one_lock_and_one_statement() -> None:
    note("incident:1")
    with transaction.atomic(), CaptureQueriesContext(connection) as made:
        append(subject="incident:1", verb="noted", by=ADA, now=NOON, payload={"a": 1}, personal="text")
    assert len(made) == 2


@pytest.mark.django_db
def test_many_at_once_are_two_statements_and_keep_their_order() -> None:
    for subject in ("page:b", "page:a"):
        note(subject)
    events = [
        Event(subject=f"page:{name}", verb=verb, by=ADA, now=NOON)
        for name, verb in [("b", "paged"), ("a", "paged"), ("b", "acknowledged")]
    ]
    with transaction.atomic(), CaptureQueriesContext(connection) as made:
        written = append_all(events)
    assert len(made) == 2
    assert [(entry.subject, entry.seq, entry.verb) for entry in written] == [
        ("page:b", 2, "paged"),
        ("page:a", 2, "paged"),
        ("page:b", 3, "acknowledged"),
    ]
    assert [entry.verb for entry in queries.entries("page:b")] == ["noted", "paged", "acknowledged"]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_is_needed_and_takes_the_entry_with_it() -> None:
    with pytest.raises(TransactionManagementError):
        append(subject="incident:1", verb="noted", by=ADA, now=NOON)
    with transaction.atomic():
        append(subject="incident:1", verb="noted", by=ADA, now=NOON)
        transaction.set_rollback(True)
    assert not queries.entries("incident:1")
    assert note("incident:1").seq == 1


@pytest.mark.django_db
@pytest.mark.parametrize("payload", [{"share": 0.5}, {"at": NOON}, {"text": "a\0b"}])
def test_what_cannot_be_hashed_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(UnfitForLedger), transaction.atomic():
        append(subject="incident:1", verb="noted", by=ADA, now=NOON, payload=payload)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_on_one_subject_leave_no_gap() -> None:
    together = threading.Barrier(20)

    def write(number: int) -> None:
        try:
            together.wait()
            for turn in range(5):
                note("incident:1", f"note {number}.{turn}")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(write, range(20)))
    written = queries.entries("incident:1")
    assert [entry.seq for entry in written] == list(range(1, 101))
    previous = GENESIS
    for entry in written:
        assert entry.hash == entry.record(previous=previous).hash()
        previous = entry.hash
    assert len({entry.personal_text for entry in written}) == 100


@pytest.mark.django_db(transaction=True)
def test_two_incidents_never_wait_for_each_other() -> None:
    note("incident:1")
    note("incident:2")

    def write_elsewhere() -> int:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            return note("incident:2").seq
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        append(subject="incident:1", verb="noted", by=Actor.system(), now=NOON)
        assert pool.submit(write_elsewhere).result(timeout=10) == 2


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("entry update by ORM", lambda: Entry.objects.filter(seq=1).update(verb="x")),
    ("entry save by ORM", lambda: Entry.objects.get(seq=1).save()),
    ("entry delete by ORM", lambda: Entry.objects.all().delete()),
    ("entry update", lambda: run("UPDATE ledger_entry SET verb = 'x'")),
    ("entry update of nothing", lambda: run("UPDATE ledger_entry SET verb = 'x' WHERE false")),
    ("entry delete", lambda: run("DELETE FROM ledger_entry")),
    ("entry delete while sealing", lambda: run("SET LOCAL muster.ledger_sealing = 'on'; DELETE FROM ledger_entry")),
    ("entry truncate", lambda: run("TRUNCATE ledger_entry")),
    ("text update", lambda: PersonalText.objects.update(text="x")),
    ("text delete", lambda: PersonalText.objects.all().delete()),
    ("text truncate", lambda: run("TRUNCATE ledger_personaltext")),
    ("head back", lambda: Head.objects.update(seq=1)),
    ("head swapped", lambda: Head.objects.update(hash="0" * 64)),
    ("head delete", lambda: Head.objects.all().delete()),
    ("head truncate", lambda: run("TRUNCATE ledger_head")),
    ("segment update", lambda: Segment.objects.update(digest="x")),
    ("segment delete", lambda: run("DELETE FROM ledger_segment")),
    ("segment truncate", lambda: run("TRUNCATE ledger_segment")),
]


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
@pytest.mark.parametrize("change", [change for _, change in REFUSED], ids=[name for name, _ in REFUSED])
def test_the_database_refuses_to_change_what_is_recorded(change: Callable[[], object]) -> None:
    note("incident:1", "a text")
    note("incident:1")
    with pytest.raises(DatabaseError, match=r"append-only|only moves forward|own operation only"), transaction.atomic():
        change()
    assert [entry.verb for entry in queries.entries("incident:1")] == ["noted", "noted"]
