"""Anchors: on disk first, once per change, whoever holds which lock, and after every crash."""

from __future__ import annotations

import fcntl
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from ledger.models import AnchorFolder, Head
from ledger.operations.anchor import anchor
from ledger.operations.append import append
from ledger.operations.verify import verify
from tests.ledger.building import ADA, NOON, note

pytestmark = pytest.mark.django_db(transaction=True)


def lines(folder: Path) -> int:
    return sum(file.read_bytes().count(b"\n") for file in folder.glob("heads-*"))


def test_only_what_moved_is_anchored_again(tmp_path: Path) -> None:
    note("incident:a")
    note("incident:b")
    assert anchor(folder=tmp_path, now=NOON) == 2
    assert anchor(folder=tmp_path, now=NOON) == 0
    note("incident:b")
    assert anchor(folder=tmp_path, now=NOON) == 1
    assert lines(tmp_path) == 4
    assert verify(anchors=[tmp_path]).broken is None


def test_the_files_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "anchors"
    note("incident:a")
    anchor(folder=folder, now=NOON)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_locked_head_is_anchored_without_waiting_for_it(tmp_path: Path) -> None:
    note("incident:a")
    note("incident:b")

    def elsewhere() -> int:
        try:
            return anchor(folder=tmp_path, now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        append(subject="incident:a", verb="noted", by=ADA, now=NOON)
        assert pool.submit(elsewhere).result(timeout=5) == 1
    assert lines(tmp_path) == 3
    assert dict(Head.objects.values_list("subject", "anchored_seq")) == {"incident:a": 0, "incident:b": 1}
    assert anchor(folder=tmp_path, now=NOON) == 1


def test_one_process_of_a_host_writes_at_a_time(tmp_path: Path) -> None:
    note("incident:a")
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert anchor(folder=tmp_path, now=NOON) == 0
    assert anchor(folder=tmp_path, now=NOON) == 1


@pytest.mark.parametrize("torn", [b'{"at":17', b'{"at":1,"chain":"x"}'])
def test_a_line_that_a_crash_left_unfinished_is_taken_off(tmp_path: Path, torn: bytes) -> None:
    note("incident:a")
    anchor(folder=tmp_path, now=NOON)
    with max(tmp_path.glob("heads-*")).open("ab") as file:
        file.write(torn)
    assert verify(anchors=[tmp_path]).broken is None
    note("incident:a")
    assert anchor(folder=tmp_path, now=NOON) == 1
    assert verify(anchors=[tmp_path]).broken is None
    assert lines(tmp_path) == 3


def test_a_file_that_a_crash_left_empty_is_begun_again(tmp_path: Path) -> None:
    note("incident:a")
    anchor(folder=tmp_path, now=NOON)
    (tmp_path / "heads-2026-11-23.jsonl").write_bytes(b'{"after":')
    note("incident:a")
    assert anchor(folder=tmp_path, now=NOON + timedelta(days=1)) == 1
    assert verify(anchors=[tmp_path]).broken is None


def test_a_crash_between_file_and_database_repeats_the_heads(tmp_path: Path) -> None:
    note("incident:a")
    note("incident:b")
    anchor(folder=tmp_path, now=NOON)
    note("incident:a")
    before = AnchorFolder.objects.get()
    anchor(folder=tmp_path, now=NOON)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE ledger_head SET anchored_seq = 1")
        before.save()
    assert verify(anchors=[tmp_path]).broken is None
    assert anchor(folder=tmp_path, now=NOON) == 1
    assert verify(anchors=[tmp_path]).broken is None


def test_a_clock_set_back_writes_on_in_the_newest_file(tmp_path: Path) -> None:
    note("incident:a")
    anchor(folder=tmp_path, now=NOON)
    note("incident:a")
    anchor(folder=tmp_path, now=NOON - timedelta(days=3))
    assert [file.name for file in tmp_path.glob("heads-*")] == ["heads-2026-11-22.jsonl"]
    assert verify(anchors=[tmp_path]).broken is None


def test_what_cannot_be_written_is_not_marked_as_anchored(tmp_path: Path) -> None:
    note("incident:a")
    folder = tmp_path / "file"
    folder.write_text("")
    with pytest.raises(OSError, match="file"):
        anchor(folder=folder, now=NOON)
    assert Head.objects.get().anchored_seq == 0
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208 - names only
