"""Old entries leave as sealed files only, and leave their digest behind."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from ledger import queries
from ledger.chains import Broken
from ledger.models import Entry, PersonalText, Segment
from ledger.operations.anchor import anchor
from ledger.operations.seal import seal
from ledger.operations.verify import verify
from ledger.rules import GENESIS, Record, personal_digest, sealed_digest
from tests.ledger.building import ADA, NOON, note
from tests.ledger.test_verify import behind_the_triggers, undoing

pytestmark = pytest.mark.django_db(transaction=True)


def seal_before(minute: int, folder: Path, subject: str = "incident:a") -> Segment | None:
    with transaction.atomic():
        return seal(
            subject=subject,
            before=NOON + timedelta(minutes=minute),
            folder=folder,
            by=ADA,
            now=NOON + timedelta(hours=1),
        )


def found(anchors: Path, segments: Path) -> str:
    broken = verify(anchors=[anchors], segments=segments).broken
    return "" if broken is None else f"{broken.subject} {broken.seq} {broken.reason}"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Six entries of one incident, a minute apart, each anchored; the folders of anchors and of segments."""
    anchors = tmp_path / "anchors"
    for minute in range(6):
        note("incident:a", f"text {minute}", minutes=minute, number=minute)
        anchor(folder=anchors, now=NOON)
    return anchors, tmp_path / "segments"


def test_a_sealed_segment_stands_for_its_entries(folders: tuple[Path, Path]) -> None:
    anchors, segments = folders
    segment = seal_before(2, segments)
    assert segment is not None
    assert (segment.first_seq, segment.last_seq) == (1, 2)
    assert [(entry.seq, entry.verb) for entry in queries.entries("incident:a")] == [
        (3, "noted"),
        (4, "noted"),
        (5, "noted"),
        (6, "noted"),
        (7, "ledger.segment_sealed"),
    ]
    assert found(anchors, segments) == ""
    again = seal_before(4, segments)
    assert again is not None
    assert (again.first_seq, again.last_seq) == (3, 4)
    assert found(anchors, segments) == ""
    everything = seal_before(90, segments)
    assert everything is not None
    assert (everything.first_seq, everything.last_seq) == (5, 8)
    assert seal_before(90, segments) is None, "a seal alone is nothing to seal"
    assert [entry.verb for entry in queries.entries("incident:a")] == ["ledger.segment_sealed"]
    assert found(anchors, segments) == ""
    note("incident:a", minutes=99)
    anchor(folder=anchors, now=NOON)
    assert found(anchors, segments) == ""


def test_the_file_can_be_checked_by_anybody(folders: tuple[Path, Path]) -> None:
    _, segments = folders
    segment = seal_before(3, segments)
    assert segment is not None
    raw = (segments / segment.file).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == segment.digest
    header, *lines = [json.loads(line) for line in raw.splitlines()]
    assert header == {"after": GENESIS, "format": 1, "subject": "incident:a"}
    previous = header["after"]
    for line in lines:
        record = Record(
            subject=header["subject"],
            seq=line["seq"],
            at_us=line["at"],
            actor_kind=line["actor"]["kind"],
            actor_id=line["actor"]["id"],
            actor_name=line["actor"]["name"],
            actor_via=line["actor"]["via"],
            verb=line["verb"],
            payload=line["payload"],
            personal_digest=line["personal"],
            previous=previous,
        )
        previous = record.hash()
        assert previous == line["hash"]
    assert previous == segment.last_hash
    texts = [json.loads(line) for line in (segments / "incident=a-1-3.texts.jsonl").read_bytes().splitlines()]
    assert [personal_digest(salt=text["salt"], text=text["text"]) for text in texts] == [
        line["personal"] for line in lines
    ]
    assert b"text 0" not in raw
    assert {stat.S_IMODE(file.stat().st_mode) for file in segments.iterdir()} == {0o600}


CHANGES = {
    "DELETE FROM ledger_segment WHERE last_seq = 2": "incident:a 1 the sealed segment with this entry is missing",
    "DELETE FROM ledger_segment WHERE last_seq = 4": "incident:a 3 entry 3 is missing",
    "DELETE FROM ledger_segment": "incident:a 1 entry 1 is missing",
    "UPDATE ledger_segment SET subject = 'incident:0' WHERE last_seq = 4": "incident:0 1 the sealed segment",
    "UPDATE ledger_segment SET first_seq = 2 WHERE last_seq = 4": "incident:a 3 the sealed segment",
    "UPDATE ledger_segment SET last_seq = 3 WHERE last_seq = 4": "incident:a 3 the sealed segment",
    "UPDATE ledger_segment SET last_hash = repeat('0', 64) WHERE last_seq = 4": "incident:a 3 the sealed segment",
    "UPDATE ledger_segment SET file = 'x' WHERE last_seq = 2": "incident:a 1 the sealed segment",
    "UPDATE ledger_segment SET digest = repeat('0', 64) WHERE last_seq = 2": "incident:a 1 the sealed segment",
    "UPDATE ledger_segment SET hash = repeat('0', 64) WHERE last_seq = 2": "incident:a 1 the sealed segment",
}


def test_a_changed_segment_is_found(folders: tuple[Path, Path]) -> None:
    anchors, segments = folders
    seal_before(2, segments)
    seal_before(4, segments)
    for change in undoing(*CHANGES):
        assert found(anchors, segments).startswith(CHANGES[change]), change
    assert found(anchors, segments) == ""


def test_a_segment_replaced_by_one_that_fits_is_found_by_the_seal_on_record(folders: tuple[Path, Path]) -> None:
    anchors, segments = folders
    segment = seal_before(2, segments)
    assert segment is not None
    segment.digest = "0" * 64
    forged = sealed_digest(
        subject="incident:a",
        first_seq=1,
        last_seq=2,
        last_hash=segment.last_hash,
        file=segment.file,
        digest=segment.digest,
        previous=GENESIS,
    )
    behind_the_triggers(f"UPDATE ledger_segment SET digest = repeat('0', 64), hash = '{forged}'")  # noqa: S608
    assert "the sealed segments are not those on record" in found(anchors, segments)


def test_a_changed_or_missing_file_is_found(folders: tuple[Path, Path]) -> None:
    anchors, segments = folders
    segment = seal_before(2, segments)
    assert segment is not None
    file = segments / segment.file
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"noted", b"noten", 1))
    assert found(anchors, segments) == f"incident:a 1 the sealed file {segment.file} was changed"
    file.unlink()
    assert found(anchors, segments) == f"incident:a 1 the sealed file {segment.file} is missing"


def test_nothing_is_sealed_over_a_break(folders: tuple[Path, Path]) -> None:
    _, segments = folders
    behind_the_triggers("UPDATE ledger_entry SET verb = 'x' WHERE seq = 2")
    with pytest.raises(Broken, match="incident:a 2 "):
        seal_before(4, segments)
    assert list(segments.iterdir()) == []
    assert Entry.objects.count() == 6


def test_a_seal_that_is_rolled_back_leaves_everything(folders: tuple[Path, Path]) -> None:
    anchors, segments = folders
    with transaction.atomic():
        assert seal(subject="incident:a", before=NOON + timedelta(minutes=2), folder=segments, by=ADA, now=NOON)
        transaction.set_rollback(True)
    assert (Entry.objects.count(), PersonalText.objects.count(), Segment.objects.count()) == (6, 6, 0)
    assert found(anchors, segments) == ""
    assert seal_before(2, segments) is not None


def test_after_sealing_entries_are_as_safe_as_before(folders: tuple[Path, Path]) -> None:
    _, segments = folders
    with pytest.raises(TransactionManagementError):
        seal(subject="incident:a", before=NOON, folder=segments, by=ADA, now=NOON)
    with transaction.atomic():
        seal(subject="incident:a", before=NOON + timedelta(minutes=2), folder=segments, by=ADA, now=NOON)
        for statement in ("DELETE FROM ledger_entry WHERE seq = 3", "DELETE FROM ledger_personaltext WHERE seq = 3"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_the_commands_seal_and_erase(folders: tuple[Path, Path]) -> None:
    anchors, segments = folders
    out = StringIO()
    with pytest.raises(CommandError, match="is a day such as"):
        call_command("seal_ledger", before="soon", folder=segments, stdout=out)
    with pytest.raises(CommandError, match="future"):
        call_command("seal_ledger", before="2999-01-01", folder=segments, stdout=out)
    call_command("seal_ledger", before="2026-11-22", folder=segments, stdout=out)
    assert out.getvalue() == "0 segments sealed.\n"
    call_command("erase_personal_text", "incident:a", "5", "99", stdout=out)
    assert "Erased: [5]" in out.getvalue()
    assert found(anchors, segments) == ""
    assert queries.entries("incident:a")[4].personal_text == "(erased)"
