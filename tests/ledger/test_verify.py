"""Whatever is changed behind the triggers' back is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from ledger import queries, streams
from ledger.models import AnchorFolder, Entry, Head
from ledger.operations.anchor import anchor
from ledger.operations.erase_personal_text import erase_personal_text
from ledger.operations.verify import BATCH, verify
from ledger.rules import GENESIS
from tests.ledger.building import ADA, NOON, note

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    """Two incidents, three entries each, all anchored, and one entry that is not anchored yet."""
    folder = tmp_path / "anchors"
    for number in range(3):
        for subject in ("incident:a", "incident:b"):
            note(subject, f"text {number}", minutes=number, number=number)
    assert anchor(folder=folder, now=NOON) == 2
    note("incident:b", minutes=3)
    return folder


def behind_the_triggers(*statements: str) -> None:
    """Run SQL as somebody who owns the database and wants no trace."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


TABLES = ("ledger_entry", "ledger_head", "ledger_personaltext", "ledger_segment")


def undoing(*statements: str) -> Iterator[str]:
    """Run each statement behind the triggers' back, yield it, and put every row back as it was."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TEMP TABLE kept_{table} AS TABLE {table}")
    for statement in statements:
        behind_the_triggers(statement)
        yield statement
        behind_the_triggers(
            *(f"DELETE FROM {table}; INSERT INTO {table} TABLE kept_{table}" for table in TABLES)  # noqa: S608
        )
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE kept_{table}")


def found(folder: Path, **options: str) -> str:
    """Verify and return the first break as `subject seq reason`, "" for none."""
    broken = verify(anchors=[folder], **options).broken  # type: ignore[arg-type]
    return "" if broken is None else f"{broken.subject} {broken.seq} {broken.reason}"


def test_an_untouched_ledger_is_whole(anchors: Path) -> None:
    result = verify(anchors=[anchors])
    assert (result.broken, result.subjects, result.anchors) == (None, 2, 2)


COLUMNS = {
    "subject": "'incident:c'",
    "seq": "seq + 100",
    "at": "at + interval '1 microsecond'",
    "actor_kind": "'token'",
    "actor_id": "'vic'",
    "actor_name": "actor_name || ' '",
    "actor_via": "'api'",
    "verb": "'declined'",
    "payload": "jsonb_set(payload, '{number}', '5')",
    "personal_digest": "''",
    "hash": "repeat('0', 64)",
}


def test_the_columns_below_are_all_there_are() -> None:
    assert {field.column for field in Entry._meta.concrete_fields} == set(COLUMNS)


def test_a_changed_column_is_found(anchors: Path) -> None:
    where = "WHERE subject = 'incident:a' AND seq ="
    changes = {
        f"UPDATE ledger_entry SET {column} = {value} {where} {seq}": f"incident:a {seq} "  # noqa: S608
        for column, value in COLUMNS.items()
        for seq in (1, 2, 3)
    } | {
        f"UPDATE ledger_entry SET payload = '{payload}' {where} 2": "incident:a 2 "  # noqa: S608
        for payload in ('{"number": 1.0}', '{"number": 1, "more": null}', "[]", '"\\u0001"')
    }
    for change in undoing(*changes):
        assert found(anchors).startswith(changes[change]), change
    assert found(anchors) == ""


def test_an_entry_rewritten_with_a_fitting_hash_is_found_at_the_next(anchors: Path) -> None:
    first, second, *_ = queries.entries("incident:a")
    second.verb = "declined"
    forged = second.record(previous=first.hash).hash()
    behind_the_triggers(
        f"UPDATE ledger_entry SET verb = 'declined', hash = '{forged}' WHERE subject = 'incident:a' AND seq = 2"  # noqa: S608
    )
    assert found(anchors).startswith("incident:a 3 the hash")


def test_a_whole_chain_rewritten_with_its_head_is_found_by_the_anchor(anchors: Path) -> None:
    previous = GENESIS
    for entry in queries.entries("incident:a"):
        entry.actor_name = "Sam"
        previous, seq = entry.record(previous=previous).hash(), entry.seq
        behind_the_triggers(
            f"UPDATE ledger_entry SET actor_name = 'Sam', hash = '{previous}'"  # noqa: S608
            f" WHERE subject = 'incident:a' AND seq = {seq}",
            f"UPDATE ledger_head SET hash = '{previous}' WHERE subject = 'incident:a'",  # noqa: S608
        )
    assert found(anchors).startswith("incident:a 3 the entry is not the one whose head was anchored")


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_removed_entry_is_found(anchors: Path, gone: int) -> None:
    behind_the_triggers(f"DELETE FROM ledger_entry WHERE subject = 'incident:a' AND seq = {gone}")  # noqa: S608
    assert found(anchors).startswith(f"incident:a {gone} ")


def test_removed_last_rows_are_found(anchors: Path) -> None:
    behind_the_triggers("DELETE FROM ledger_entry WHERE subject = 'incident:a' AND seq >= 2")
    assert found(anchors).startswith("incident:a 2 the entry is missing, the head stands at 3")


def test_removed_last_rows_are_found_when_the_head_was_mended(anchors: Path) -> None:
    second = queries.entries("incident:a")[1]
    behind_the_triggers(
        "DELETE FROM ledger_entry WHERE subject = 'incident:a' AND seq = 3",
        "DELETE FROM ledger_personaltext WHERE subject = 'incident:a' AND seq = 3",
        f"UPDATE ledger_head SET seq = 2, anchored_seq = 2, hash = '{second.hash}' WHERE subject = 'incident:a'",  # noqa: S608
    )
    assert found(anchors).startswith("incident:a 3 the entry is missing, but its head was anchored")


def test_a_removed_subject_is_found(anchors: Path) -> None:
    behind_the_triggers(
        *(f"DELETE FROM {table} WHERE subject = 'incident:a'" for table in TABLES)  # noqa: S608
    )
    assert found(anchors).startswith("incident:a 3 the entry is missing, but its head was anchored")


BESIDE = {
    "DELETE FROM ledger_head WHERE subject = 'incident:a'": "incident:a 3 the head is missing",
    "UPDATE ledger_head SET seq = 2 WHERE subject = 'incident:a'": "incident:a 3 the entry stands behind",
    "UPDATE ledger_head SET hash = repeat('0', 64) WHERE subject = 'incident:a'": "incident:a 3 the head was",
    "UPDATE ledger_head SET anchored_seq = 9 WHERE subject = 'incident:a'": "incident:a 3 the head was",
    "UPDATE ledger_head SET subject = 'incident:0' WHERE subject = 'incident:a'": "incident:0 1 the entry is missing",
    "UPDATE ledger_personaltext SET text = 'x' WHERE subject = 'incident:a' AND seq = 2": "incident:a 2 the personal",
    "UPDATE ledger_personaltext SET salt = repeat('0', 32) WHERE subject = 'incident:a'": "incident:a 1 the personal",
    "UPDATE ledger_personaltext SET salt = 'no hex' WHERE subject = 'incident:a'": "incident:a 1 the personal",
    "UPDATE ledger_personaltext SET subject = 'incident:0' WHERE subject = 'incident:a'": "incident:0 0 the head",
    "UPDATE ledger_personaltext SET seq = 9 WHERE subject = 'incident:a' AND seq = 1": "incident:a 9 a personal text",
    "UPDATE ledger_personaltext SET seq = 0 WHERE subject = 'incident:a' AND seq = 1": "incident:a 0 a personal text",
    "DELETE FROM ledger_personaltext WHERE subject = 'incident:a' AND seq = 2": "incident:a 2 the personal text is",
}


def test_a_change_beside_the_chain_is_found(anchors: Path) -> None:
    for change in undoing(*BESIDE):
        assert found(anchors).startswith(BESIDE[change]), change
    assert found(anchors) == ""


def test_an_erased_text_is_no_break(anchors: Path) -> None:
    with transaction.atomic():
        assert erase_personal_text(subject="incident:a", seqs=[2, 3, 77], by=ADA, now=NOON) == [2, 3]
    with transaction.atomic():
        assert erase_personal_text(subject="incident:a", seqs=[2], by=ADA, now=NOON) == []
    assert found(anchors) == ""
    texts = [(entry.verb, entry.personal_text) for entry in queries.entries("incident:a")]
    assert texts == [("noted", "text 0"), ("noted", "(erased)"), ("noted", "(erased)"), ("ledger.text_erased", "")]


def test_verification_runs_beside_writers(anchors: Path) -> None:
    def write(number: int) -> None:
        try:
            for turn in range(30):
                note(f"incident:{'ab'[turn % 2]}", "a text", number=number)
                anchor(folder=anchors, now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write, number) for number in range(2)]
        looks = 0
        while not all(writer.done() for writer in writers) or looks < 3:
            assert found(anchors) == ""
            looks += 1
        for writer in writers:
            writer.result()
    assert Head.objects.get(subject="incident:a").seq == 33


def test_a_history_longer_than_a_batch_is_read_to_its_end(anchors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BATCH", 2)
    assert found(anchors) == ""
    behind_the_triggers("UPDATE ledger_entry SET verb = 'x' WHERE subject = 'incident:b' AND seq = 4")
    assert found(anchors).startswith("incident:b 4 ")
    assert found(anchors, subject="incident:a") == ""
    assert BATCH == 1000


def _drop_line(of: int, number: int) -> Callable[[Path], None]:
    def drop(folder: Path) -> None:
        file = sorted(folder.glob("heads-*"))[of]
        lines = file.read_bytes().splitlines(keepends=True)
        del lines[number]
        file.write_bytes(b"".join(lines))

    return drop


def _edit_line(folder: Path) -> None:
    file = min(folder.glob("heads-*"))
    first, second, *rest = file.read_text().splitlines()
    second = json.dumps({**json.loads(second), "seq": 1})
    file.write_text("\n".join([first, second, *rest]) + "\n")


TAMPERED: list[tuple[Callable[[Path], object], int]] = [
    (_drop_line(0, 0), 1),
    (_drop_line(0, 1), 2),
    (_drop_line(0, 2), 1),
    (_drop_line(1, 0), 1),
    (_drop_line(1, 1), 0),
    (_edit_line, 2),
    (lambda folder: min(folder.glob("heads-*")).unlink(), 1),
    (lambda folder: max(folder.glob("heads-*")).unlink(), 0),
    (shutil.rmtree, 0),
    (lambda folder: (folder / "id").write_text("0" * 32), 0),
    (lambda folder: min(folder.glob("heads-*")).write_text("no json\n"), 1),
    (lambda folder: min(folder.glob("heads-*")).write_text("5\n"), 1),
]


def test_tampered_anchors_are_found(anchors: Path, tmp_path: Path) -> None:
    anchor(folder=anchors, now=NOON + timedelta(days=1))
    assert [file.name for file in sorted(anchors.glob("heads-*"))] == [
        "heads-2026-11-22.jsonl",
        "heads-2026-11-23.jsonl",
    ]
    assert found(anchors) == ""
    for number, (tamper, line) in enumerate(TAMPERED):
        copy = shutil.copytree(anchors, tmp_path / str(number))
        tamper(copy)
        assert found(copy).startswith(f"anchors {line} "), number


def test_anchors_that_the_database_forgot_are_found(anchors: Path) -> None:
    AnchorFolder.objects.all().delete()
    assert found(anchors).startswith("anchors 0 ")


def test_the_command_answers_by_its_exit_code(anchors: Path) -> None:
    out = StringIO()
    call_command("verify_ledger", anchors=[anchors], stdout=out)
    assert out.getvalue() == "The ledger is whole: 2 chains, 2 anchored heads.\n"
    behind_the_triggers("UPDATE ledger_entry SET verb = 'x' WHERE subject = 'incident:b' AND seq = 4")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", anchors=[anchors], stdout=out)
    assert (ended.value.code, out.getvalue()) == (1, "incident:b 4 the hash does not match the entry\n")
    call_command("verify_ledger", "--subject", "incident:a", anchors=[anchors], stdout=out)
