"""What a crash left behind: servers of ours are ended, programs of others are left alone, data goes only when asked."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from supervisor.embedded import remove_data
from supervisor.errors import StartRefused
from supervisor.postgres import Postgres
from supervisor.spawn import end
from supervisor.tree import Tree
from supervisor.valkey import Valkey
from tests.servers import start, throwaway_folder, throwaway_postgres, throwaway_valkey


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that servers of any user can live in."""
    made = throwaway_folder()
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("make", [throwaway_postgres, throwaway_valkey])
def test_a_server_that_outlived_its_supervisor_is_ended_before_the_next(folder: Path, make: type) -> None:
    server: Postgres | Valkey = make(folder)
    left_behind = start(server)
    successor = start(server)
    assert left_behind.wait(timeout=5) is not None
    assert server.is_ready()
    end(successor, first=server.stop_signal, patience_s=5)
    assert not server.is_ready()


@pytest.mark.parametrize(("make", "name"), [(throwaway_postgres, "postmaster.pid"), (throwaway_valkey, "valkey.pid")])
def test_a_number_that_now_belongs_to_another_program_is_left_alone(folder: Path, make: type, name: str) -> None:
    server: Postgres | Valkey = make(folder)
    child = start(server)
    end(child, first=server.stop_signal, patience_s=5)
    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        (server.data / name).write_text(f"{other.pid}\n")
        server.end_stale()
        still_there = psutil.Process(other.pid).status() != psutil.STATUS_ZOMBIE
        other.kill()
    assert still_there


@pytest.mark.parametrize(
    ("make", "name", "content"),
    [
        (throwaway_postgres, "postmaster.pid", ""),
        (throwaway_valkey, "valkey.pid", ""),
        (throwaway_valkey, "valkey.pid", "no number\n"),
        (throwaway_valkey, "valkey.pid", "\xff"),
    ],
)
def test_a_damaged_pid_file_stops_no_start(folder: Path, make: type, name: str, content: str) -> None:
    server: Postgres | Valkey = make(folder)
    server.prepare()
    (server.data / name).write_text(content, encoding="latin-1")
    child = start(server)
    assert server.is_ready()
    end(child, first=server.stop_signal, patience_s=5)


def test_a_password_of_another_start_is_of_no_use(folder: Path) -> None:
    server = throwaway_postgres(folder)
    child = start(server)
    other = throwaway_postgres(folder)
    assert other.password != server.password
    assert not other.is_ready()
    end(child, first=server.stop_signal, patience_s=5)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """The folders of a checkout that has data."""
    for name in ("state/postgres", "state/valkey", "state/run", "var/simulator", "var/anchors", "var/status"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("demo.json", "demo-company.json", "secrets.json", "instance"):
        (tmp_path / "var" / name).write_text("{}")
    return Tree(
        root=tmp_path, var=tmp_path / "var", state=tmp_path / "state", sockets=tmp_path / "state" / "run", owner=None
    )


def test_a_reset_removes_data_and_keeps_keys(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name)
    remove_data(tree)
    assert sorted(path.name for path in tree.var.iterdir()) == ["instance", "secrets.json"]
    assert [path.name for path in tree.state.iterdir()] == ["run"]


def test_a_reset_never_touches_a_server_that_was_given(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL")
    with pytest.raises(StartRefused, match="Unset DATABASE_URL"):
        remove_data(tree)
    assert (tree.state / "valkey").exists()
    assert (tree.var / "demo.json").exists()
