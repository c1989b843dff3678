"""The demonstration's account systems: a reset finds them, tries its rights there, and an exercise touches its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from demonstration.load import load
from ledger.actor import Actor
from resets.models import System
from resets.opening import open_backend
from resets.operations.create import create
from resets.operations.freeze import freeze
from resets.scope.dry_run import dry_run
from tests.builders import NOW


@pytest.fixture
def folder(transactional_db: None, settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    settings.RESET_FILES_DIR = tmp_path / "accounts"
    load(now=NOW)
    return tmp_path / "accounts"


def test_a_reset_of_them_is_ready_to_go(folder: Path) -> None:
    for system in System.objects.all():
        with transaction.atomic():
            reset = create(
                title="Try", cutoff=NOW - timedelta(hours=3), systems=[system], drill=system.drill,
                by=Actor.system(), now=NOW,
            )  # fmt: skip
        frozen = freeze(reset_id=reset.pk, by=Actor.system(), clock=lambda: NOW)
        forecast = dry_run(frozen)
        assert forecast.is_ready, forecast
        assert frozen.count == {"ftp-and-shell": 1200, "ftp-exercise": 300}[system.key] - _since(folder, system)
        assert len(forecast.systems[0].hosts) == 8


def _since(folder: Path, system: System) -> int:
    with closing(sqlite3.connect(folder / system.settings["database"]["file"])) as database:
        cutoff = f"{NOW - timedelta(hours=3):%Y-%m-%d %H:%M:%S}"
        (count,) = database.execute("SELECT count(*) FROM accounts WHERE set_at >= ?", (cutoff,)).fetchone()
    return int(count)


def test_their_files_are_nobody_elses_business(folder: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.sqlite")} == {0o600}
    hashes = set()
    for system in System.objects.all():
        with closing(open_backend(system, say=print, stopped=lambda: False)) as backend:
            assert all(probe.granted or not probe.needed for probe in backend.probe())
        with closing(sqlite3.connect(folder / system.settings["database"]["file"])) as database:
            hashes |= {row[0] for row in database.execute("SELECT passwd FROM accounts LIMIT 5")}
    assert all(value.startswith("$6$") and len(value) == 106 for value in hashes)
