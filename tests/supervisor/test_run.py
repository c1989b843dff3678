"""`bin/run` and `bin/manage` for real: what a person, an administrator and a crash see of them."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator

import psutil
import psycopg
import pytest
import redis

from tests.supervisor.start import Start, eventually

NAMES = {"supervisor", "web", "stream", "worker", "engine", "simulator", "postgres", "valkey"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Start]:
    """One `var` for the module: only the first start has to make everything."""
    start = Start()
    yield start
    start.remove()


@pytest.fixture
def start(shared: Start) -> Start:
    """The start, running."""
    shared.up()
    return shared


def is_running(process: psutil.Process) -> bool:
    """Tell whether a process does anything; a zombie only waits for its parent."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_publishes_where_everything_is_for_its_owner_only(start: Start) -> None:
    facts = start.facts()
    assert stat.S_IMODE((start.var / "demo.json").stat().st_mode) == 0o600
    assert set(facts["pids"]) == NAMES
    assert all(psutil.pid_exists(pid) for pids in facts["pids"].values() for pid in pids)
    assert len(facts["pids"]["worker"]) == 2
    assert facts["url"] == f"http://127.0.0.1:{start.env['PORT']}"
    assert facts["status_page"].endswith("/")
    with psycopg.connect(facts["database_url"]) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("muster",)
    with redis.Redis.from_url(facts["redis_url"]) as client:
        assert client.ping()


def test_it_listens_on_this_machine_only(start: Start) -> None:
    listening = [
        connection.laddr
        for process in start.family()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_postgresql_keeps_what_it_confirmed(start: Start) -> None:
    with psycopg.connect(start.facts()["database_url"]) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_a_second_start_points_at_the_first(start: Start) -> None:
    second = start.command("run")
    assert second.returncode == 1
    assert start.facts()["url"] in second.stderr
    assert start.is_ready()


def test_manage_joins_the_running_servers(start: Start) -> None:
    shown = start.command("manage", "shell", "-c", "from django.conf import settings; print(settings.PUBLIC_URL)")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.split()[-1] == start.facts()["url"]


@pytest.mark.parametrize("name", ["web", "engine", "simulator", "valkey", "postgres"])
def test_a_killed_child_comes_back_and_it_is_said(start: Start, name: str) -> None:
    before = start.facts()["pids"][name]
    os.kill(before[0], signal.SIGKILL)

    def came_back() -> bool:
        now = start.facts()["pids"][name]
        return bool(now) and now != before and start.is_ready()

    eventually(came_back, within_s=20, what=f"Starting {name} again")
    assert start.said(f"{name} was killed by SIGKILL; starting it again in ")


def test_a_stop_is_quick_and_leaves_data_behind_and_no_process(start: Start) -> None:
    with psycopg.connect(start.facts()["database_url"]) as connection:
        connection.execute("CREATE TABLE kept_over_a_stop AS SELECT 42 AS answer")
    family = start.family()
    assert start.down() < 10
    eventually(lambda: not any(map(is_running, family)), within_s=1, what="The end of the family")
    question = (
        "from django.db import connection as c; u = c.cursor(); u.execute('SELECT answer FROM kept_over_a_stop'); "
        "print(u.fetchone()); u.execute('DROP TABLE kept_over_a_stop')"
    )
    # Nothing runs now: the command starts the servers for itself.
    answer = start.command("manage", "shell", "-c", question)
    assert "(42,)" in answer.stdout, answer.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_supervisor_leaves_nothing_behind(start: Start) -> None:
    family = start.family()
    assert len(family) > len(NAMES)  # grandchildren too
    os.kill(family[0].pid, signal.SIGKILL)
    assert start.process
    start.process.wait()
    eventually(lambda: not any(map(is_running, family)), within_s=8, what="The end of the family")
    start.up()
    assert start.is_ready()


def test_a_taken_port_stops_the_start_with_its_number(shared: Start) -> None:
    other = Start()
    try:
        with socket.create_server(("127.0.0.1", int(other.env["PORT"]))):
            refused = other.command("run")
        assert refused.returncode == 1
        assert f"Port {other.env['PORT']} is taken" in refused.stderr
    finally:
        other.remove()


def test_a_wrong_setting_stops_the_start_with_its_name() -> None:
    other = Start()
    try:
        refused = other.command("run", EMAIL_URL="carrier-pigeon")
        assert refused.returncode == 1
        assert "EMAIL_URL" in refused.stdout
    finally:
        other.remove()
