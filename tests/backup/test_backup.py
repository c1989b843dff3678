"""A backup is one moment, one file, and nobody else's to read."""

from __future__ import annotations

import io
import json
import stat
import tarfile
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import connection, transaction

from backup import anchors, database
from backup.errors import BackupError
from backup.write import write_backup
from ledger import anchor_files
from people.models import Person
from tests.backup.conftest import back_up, packed, restore
from tests.builders import make_person


def test_the_file_is_private_and_never_replaces_another(file: Path) -> None:
    make_person("Ada")
    back_up(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir() if "backup" in each.name] == [file.name]
    before = file.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        back_up(file)
    assert file.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be written"):
        back_up(tmp_path / "missing" / "muster.backup")


def test_half_a_backup_is_never_left_under_its_name(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(cursor: object) -> dict[str, tuple[int, bool]]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(database, "sequences", full)
    with pytest.raises(CommandError, match="No space left"):
        back_up(file)
    assert not file.exists()
    assert [each.name for each in file.parent.iterdir() if "backup" in each.name] == []


def test_it_is_one_moment_whatever_is_written_meanwhile(file: Path) -> None:
    make_person("Ada")

    class Busy(io.BytesIO):
        """A disk so slow that somebody takes another name while it writes."""

        renamed = False

        def write(self, content: object) -> int:
            if not self.renamed:
                self.renamed = True
                with psycopg.connect(**connection.get_connection_params() | {"context": None}) as other:
                    other.execute("UPDATE people_person SET name = 'Somebody Else'")
            return super().write(content)  # type: ignore[arg-type]

    to = Busy()
    write_backup(to, anchor_folder=settings.LEDGER_ANCHOR_DIR)
    assert Person.objects.get().name == "Somebody Else"
    file.write_bytes(to.getvalue())
    restore(file, "--force")
    assert Person.objects.get().name == "Ada"


def test_what_is_in_it_can_be_read_with_tar() -> None:
    make_person("Ada")
    with tarfile.open(fileobj=io.BytesIO(packed())) as tar:
        names = tar.getnames()
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
        people = tar.extractfile("tables/people_person/000000").read().decode()  # type: ignore[union-attr]
    assert (names[0], names[-1]) == ("manifest.json", "end.json")
    assert manifest["format"] == "muster-backup"
    assert "\tAda\t" in people


def test_a_large_table_goes_in_pieces() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE wide AS SELECT i, repeat('å', 1000) AS t FROM generate_series(1, 5000) AS i")
        pieces = list(database.rows_out(cursor, "wide", ["t", "i"]))
        assert cursor.rowcount == 5000
        assert len(pieces) == 3
        assert max(map(len, pieces)) < 5 * 1024 * 1024
        cursor.execute("CREATE TEMP TABLE copied AS SELECT * FROM wide WHERE false")
        assert database.rows_in(cursor, "copied", ["t", "i"], pieces) == 5000
        cursor.execute("SELECT count(*) FROM (SELECT * FROM wide EXCEPT SELECT * FROM copied) AS missing")
        assert cursor.fetchone() == (0,)


def test_anchors_that_stay_busy_are_waited_for_and_then_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(anchors, "PATIENCE_S", 0.1)
    with anchor_files.opened(tmp_path), pytest.raises(BackupError, match="has been writing"):
        write_backup(io.BytesIO(), anchor_folder=tmp_path)
