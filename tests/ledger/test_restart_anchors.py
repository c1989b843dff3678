"""After a restore the anchors begin anew, and what was lost stays provable."""

from __future__ import annotations

import fcntl
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ledger import queries
from ledger.operations.anchor import anchor
from ledger.operations.restart_anchors import SUBJECT, restart_anchors
from ledger.operations.verify import verify
from tests.ledger.building import ADA, NOON, note
from tests.ledger.test_verify import TABLES, behind_the_triggers, found

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_restored_database_is_whole_again_once_somebody_said_why(tmp_path: Path) -> None:
    note("incident:old")
    note("incident:a")
    anchor(folder=tmp_path, now=NOON)
    second = note("incident:a")
    note("incident:lost")
    anchor(folder=tmp_path, now=NOON)
    behind_the_triggers(  # what a restore of the backup taken before the second entry does
        *(f"DELETE FROM {table} WHERE subject = 'incident:lost'" for table in TABLES),  # noqa: S608
        "DELETE FROM ledger_entry WHERE subject = 'incident:a' AND seq = 2",
        f"UPDATE ledger_head SET seq = 1, anchored_seq = 1, hash = '{queries.entries('incident:a')[0].hash}'"  # noqa: S608
        f" WHERE subject = 'incident:a' AND hash = '{second.hash}'",
    )
    assert found(tmp_path).startswith("incident:a 2 the entry is missing")

    kept = restart_anchors(folder=tmp_path, reason="Restored last night's backup", by=ADA, now=NOON + timedelta(days=1))

    result = verify(anchors=[tmp_path])
    assert (result.broken, result.subjects, result.anchors) == (None, 3, 3)
    (entry,) = queries.entries(SUBJECT)
    assert (entry.verb, entry.personal_text) == ("ledger.anchors_restarted", "Restored last night's backup")
    assert sorted(file.name for file in kept.iterdir()) == ["heads-2026-11-22.jsonl", "id"]
    assert b"incident:lost" in (kept / "heads-2026-11-22.jsonl").read_bytes()
    behind_the_triggers(*(f"DELETE FROM {table} WHERE subject = 'incident:old'" for table in TABLES))  # noqa: S608
    assert found(tmp_path).startswith("incident:old 1 the entry is missing")


def test_the_command_waits_for_nobody(tmp_path: Path) -> None:
    note("incident:a")
    anchor(folder=tmp_path, now=NOON)
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="Try again"):
            call_command("restart_anchors", reason="restored", anchors=tmp_path)
    out = StringIO()
    call_command("restart_anchors", reason="restored", anchors=tmp_path, stdout=out)
    assert "anchored anew" in out.getvalue()
    assert found(tmp_path) == ""
