"""Plesk accounts through the REST API, against a peer built from the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any, ClassVar

import pytest

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Backend, Done, Selection
from resets.backends.plesk import Plesk
from tests.resets.backends.contract import BEFORE, CUTOFF, FIRST, NEW, OLD, BackendContract, UnderTest, surroundings
from tests.resets.backends.panels.reaching import _loopback_is_allowed
from tests.resets.servers.peer import Said, served
from tests.resets.servers.plesk import KEY, PleskPeer

__all__ = ["_loopback_is_allowed"]
pytestmark = pytest.mark.django_db


class PleskServerUnderTest(UnderTest):
    """One server with FTP accounts."""

    shard = "plesk1"
    knows: ClassVar[frozenset[str]] = frozenset({"generation"})

    def __init__(self, url: str, peer: PleskPeer) -> None:
        self.url, self.peer = url, peer

    def backend(self) -> Backend[Any]:
        given = {"servers": {"plesk1": {"url": self.url, "key": "plesk_key"}}}
        return Plesk(Plesk.settings.model_validate(given), surroundings(secrets={"plesk_key": KEY}))

    def add(
        self,
        login: str,
        *,
        password: str = OLD,
        set_at: datetime = BEFORE,  # noqa: ARG002 - a panel knows no such time
        kept_out: bool = False,  # noqa: ARG002 - nor that
    ) -> None:
        self.peer.ftp[login] = password

    def remove(self, login: str) -> None:
        del self.peer.ftp[login]

    def signs_in(self, login: str, password: str) -> bool:
        return self.peer.signs_in(login, password)

    def owner_sets(self, login: str, password: str, *, at: datetime) -> None:  # noqa: ARG002 - nor here
        self.peer.ftp[login] = password


@pytest.fixture
def server() -> Iterator[PleskServerUnderTest]:
    peer = PleskPeer()
    with served(peer) as url:
        yield PleskServerUnderTest(url, peer)


class TestPlesk(BackendContract):
    """The promises of every backend."""

    @pytest.fixture
    def system(self, server: PleskServerUnderTest) -> PleskServerUnderTest:
        return server


def test_a_password_travels_in_the_environment(server: PleskServerUnderTest) -> None:
    server.add("ada")
    with closing(server.backend()) as backend:
        backend.set_password("plesk1", "ada", NEW, guard=FIRST)
    assert server.signs_in("ada", NEW)
    (asked,) = [asked for asked in server.peer.asked if "/cli/" in asked.path]
    assert asked.path == "/api/v2/cli/ftpsubaccount/call"
    assert json.loads(asked.body) == {"params": ["--update", "ada", "-passwd", ""], "env": {"PSA_PASSWORD": NEW}}


def test_customers_and_their_ftp_accounts_are_found_with_the_customers_address(server: PleskServerUnderTest) -> None:
    server.peer.clients = {"harbor": OLD}
    server.add("harbor")
    server.add("backup")
    with closing(server.backend()) as backend:
        found = {each.login: (each.email, each.customer) for each in backend.find(Selection(set_before=CUTOFF))}
        harbor = ("harbor@customers.example", "100")
        assert found == {"client/harbor": harbor, "harbor": harbor, "backup": harbor}
        assert sum(asked.path.startswith("/api/v2/domains?") for asked in server.peer.asked) == 1, "asked once"
        assert backend.lock("plesk1", ["client/harbor"], guard=FIRST) == Done(applied=1)
        assert not server.signs_in("client/harbor", OLD)
        assert server.signs_in("harbor", OLD), "an FTP account of the same name is another account"


def test_what_the_api_has_not_is_left_alone_and_said(server: PleskServerUnderTest) -> None:
    server.add("ada")
    with closing(server.backend()) as backend:
        assert backend.revoke("plesk1", ["ada"], guard=FIRST) == Done(applied=0, skipped=("ada",))
        assert backend.disable("plesk1", ["ada"], guard=FIRST) == Done(applied=1)
        assert not server.signs_in("ada", OLD)
        assert backend.enable("plesk1", ["ada", "gone"], guard=FIRST) == Done(applied=0, unchanged=1, skipped=("gone",))
        assert not server.signs_in("ada", OLD), "never a stolen password again"


def test_a_name_that_looks_like_an_option_is_refused(server: PleskServerUnderTest) -> None:
    with closing(server.backend()) as backend:
        done = backend.lock("plesk1", ["--help"], guard=FIRST)
    assert [miss.code for miss in done.misses] == ["refused"]
    assert server.peer.asked == []


def test_lost_answers_are_unknown_and_wrong_keys_final(server: PleskServerUnderTest) -> None:
    server.add("ada")
    with closing(server.backend()) as backend:
        server.peer.next = [Said(500)]
        with pytest.raises(Unknown):
            backend.lock("plesk1", ["ada"], guard=FIRST)
        server.peer.next = [Said(401)]
        with pytest.raises(Trouble) as refused:
            backend.lock("plesk1", ["ada"], guard=FIRST)
        assert not refused.value.passing
        server.peer.next = [Said(503)]
        with pytest.raises(Trouble) as later:
            list(backend.find(Selection(set_before=CUTOFF)))
        assert later.value.passing
