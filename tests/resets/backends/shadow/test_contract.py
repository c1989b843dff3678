"""What every backend promises, kept by a Linux host."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from resets.backends.base import Backend
from resets.backends.shadow import Shadow
from resets.backends.shadow.settings import ShadowSettings
from tests.resets.backends.contract import BEFORE, OLD, BackendContract, UnderTest
from tests.resets.servers import sshd
from tests.resets.servers.around import surroundings
from tests.resets.servers.sshd import HOST, Sshd

pytestmark = pytest.mark.django_db


class LinuxHost(UnderTest):
    """One host. It knows days only, so that "an hour after the cutoff" is nothing to it."""

    shard = HOST
    knows: ClassVar[frozenset[str]] = frozenset({"generation", "suspended"})

    def __init__(self, server: Sshd) -> None:
        self.server = server

    def backend(self) -> Backend[Any]:
        return Shadow(ShadowSettings(**self.server.settings()), surroundings({"root_key": self.server.root_key}))

    def add(self, login: str, *, password: str = OLD, set_at: datetime = BEFORE, kept_out: bool = False) -> None:
        self.server.add(login, password, day=int(set_at.timestamp()) // 86_400)
        if kept_out:
            self.server.run("usermod", "-e", "2020-01-01", login)

    def remove(self, login: str) -> None:
        self.server.remove(login)

    def signs_in(self, login: str, password: str) -> bool:
        return self.server.lets_in(login, password=password)

    def owner_sets(self, login: str, password: str, *, at: datetime) -> None:  # noqa: ARG002 - chpasswd knows today
        self.server.set_hash(login, password)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


class TestLinuxHost(BackendContract):
    @pytest.fixture
    def system(self, server: Sshd, settings: Any, tmp_path: Path) -> Iterator[UnderTest]:
        settings.ACTION_KNOWN_HOSTS = tmp_path / "known_hosts"
        server.lay_inventory()
        yield LinuxHost(server)
        for login in sorted(server.users):
            server.remove(login)
        (server.state / "accounts").unlink(missing_ok=True)
