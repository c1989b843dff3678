"""What every backend promises, kept by a directory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from resets.backends.base import Backend
from resets.backends.ldap import Ldap
from resets.backends.ldap.entries import FOR_GOOD
from resets.backends.ldap.settings import LdapSettings
from tests.resets.backends.contract import BEFORE, OLD, BackendContract, UnderTest
from tests.resets.servers import slapd
from tests.resets.servers.around import surroundings
from tests.resets.servers.slapd import BASE, Slapd

pytestmark = pytest.mark.filterwarnings(
    # What ldap3 itself uses of pyasn1 and of ssl.
    "ignore:(tagMap|typeMap) is deprecated:DeprecationWarning",
    "ignore:ssl.match_hostname:DeprecationWarning",
)


class Directory(UnderTest):
    """A tree with one folder of accounts."""

    def __init__(self, server: Slapd) -> None:
        self.server = server

    def backend(self) -> Backend[Any]:
        return Ldap(LdapSettings(**self.server.settings()), surroundings(slapd.SECRETS))

    def add(self, login: str, *, password: str = OLD, set_at: datetime = BEFORE, kept_out: bool = False) -> None:
        dn = self.server.add(login, password)
        self.server.write(dn, pwdChangedTime=text(set_at))
        if kept_out:
            self.server.write(dn, pwdAccountLockedTime=FOR_GOOD)

    def remove(self, login: str) -> None:
        with self.server.root() as connection:
            connection.delete(self.dn(login))

    def signs_in(self, login: str, password: str) -> bool:
        return self.server.lets_in(self.dn(login), password)

    def owner_sets(self, login: str, password: str, *, at: datetime) -> None:
        self.server.owner_sets(self.dn(login), OLD, password)
        self.server.write(self.dn(login), pwdChangedTime=text(at))

    def dn(self, login: str) -> str:
        return f"uid={login},{BASE}"


def text(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%SZ}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with slapd.running(tmp_path_factory.mktemp("slapd")) as found:
        yield found


class TestDirectory(BackendContract):
    @pytest.fixture
    def system(self, server: Slapd) -> Iterator[UnderTest]:
        yield Directory(server)
        server.clear()
