"""The whole way on a host by a real OpenSSH server: nothing is installed there, and no secret shows anywhere."""

from __future__ import annotations

import pwd
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eap.actions.base import Surroundings
from eap.actions.webserver.backup import Backup
from eap.actions.webserver.host.journal import STEPS
from eap.actions.webserver.inputs import BackupInputs
from eap.actions.webserver.restore import Restore
from tests.eap.actions.sshd import Server, running
from tests.eap.webserver.world import PASSPHRASE, World

LOOKS = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


@pytest.fixture(autouse=True)
def _no_known_hosts(settings: Any, tmp_path: Path) -> None:
    settings.ACTION_KNOWN_HOSTS = tmp_path / "known_hosts"
    settings.ACTION_LOCAL_DIRS = []


class Watcher:
    """Reads the words and the environment of every new process, and keeps where the secret stands."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._seen: Counter[str] = Counter()
        self.found: set[str] = set()
        self.programs: set[str] = set()

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                self._seen[process.name] += 1
                if self._seen[process.name] > LOOKS:
                    continue  # what it is by now it stays
                try:
                    words, env = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
                except OSError:
                    continue
                self.programs.add(words.split(b"\0")[0].decode(errors="replace").rpartition("/")[2])
                if self._secret in words + env:
                    self.found.add(words.decode(errors="replace"))
            time.sleep(0.03)


def test_the_whole_way_over_ssh_without_a_trace_of_the_passphrase(world: World, server: Server) -> None:
    site = world.site(where="host", user=server.user, port=server.port, key="{secrets.key}")

    def surroundings(key: str) -> Surroundings:
        return world.around(key=key, target=server.target(), secrets={"key": server.key})

    with Watcher(PASSPHRASE) as watcher:
        Backup().apply(BackupInputs(site=site), surroundings("backup"))
        world.damage()
        for step in STEPS:
            Restore().apply(world.inputs(step, site=site), surroundings(step))
        again = Restore().apply(world.inputs("replace", site=site), surroundings("replace"))
    assert "in their place" in again.sentence
    assert any("was begun before" in line for line in world.log.lines)
    assert world.is_restored()
    assert {"sh", "python3"} <= watcher.programs, "it looked often enough to see them"
    assert watcher.found == set()
    assert not [line for line in world.log.lines if PASSPHRASE in line]
    for path in world.folder.rglob("*"):
        if path.is_file():
            assert PASSPHRASE.encode() not in path.read_bytes(), path
    marks = [path for path in Path(pwd.getpwnam(server.user).pw_dir, ".muster").glob("*") if path.is_file()]
    assert marks
    assert not [path for path in marks if PASSPHRASE.encode() in path.read_bytes()]
