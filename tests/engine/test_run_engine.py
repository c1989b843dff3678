"""The engine as a process: started, its database restarted under it, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.utils import OperationalError

from engine.models import DutyBeat
from tests.engine.machinery import eventually

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real engine on the test's database."""
    threads = threading.active_count()
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(tmp_path)}
    with (tmp_path / "engine.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_engine"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(10)
    assert threading.active_count() < threads + 50


def beats_after(moment: float) -> bool:
    try:
        rows = dict(DutyBeat.objects.values_list("name", "beat"))
    except OperationalError:
        connection.close()
        return False
    return "pages" in rows and rows["pages"].timestamp() > moment and "watch" in rows and "database_watch" in rows


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_engine_beats_outlives_lost_connections_and_ends_when_told(
    engine: subprocess.Popen[bytes], number: signal.Signals, tmp_path: Path
) -> None:
    eventually(lambda: beats_after(0), within_s=20)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    lost = time.time()
    eventually(lambda: beats_after(lost), within_s=10)
    assert engine.poll() is None
    told = time.monotonic()
    engine.send_signal(number)
    assert engine.wait(10) == 0, (tmp_path / "engine.log").read_text()
    assert time.monotonic() - told < 5
