"""cPanel accounts through WHM API 1, against a peer built from the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Backend, Busy, Done, Selection
from resets.backends.whm import Whm
from resets.models import PanelNote
from tests.resets.backends.contract import (
    BEFORE,
    CUTOFF,
    FIRST,
    NEW,
    NEXT,
    OLD,
    BackendContract,
    UnderTest,
    surroundings,
)
from tests.resets.backends.panels.reaching import _loopback_is_allowed
from tests.resets.servers.peer import Said, served
from tests.resets.servers.whm import TOKEN, CpanelAccount, WhmPeer

__all__ = ["_loopback_is_allowed"]
pytestmark = pytest.mark.django_db


class CpanelServer(UnderTest):
    """One server with accounts."""

    shard = "web1"
    knows: ClassVar[frozenset[str]] = frozenset({"generation"})

    def __init__(self, url: str, peer: WhmPeer, **given: Any) -> None:
        self.url, self.peer, self.given = url, peer, given

    def backend(self) -> Backend[Any]:
        server = {"url": self.url, "token": "whm_token", "sign_in_url": self.url}
        settings = Whm.settings.model_validate({"servers": {"web1": server}, "ftp_accounts": False, **self.given})
        return Whm(settings, surroundings(secrets={"whm_token": TOKEN, "old_one": OLD}))

    def add(
        self,
        login: str,
        *,
        password: str = OLD,
        set_at: datetime = BEFORE,  # noqa: ARG002 - a panel knows no such time
        kept_out: bool = False,
    ) -> None:
        self.peer.accounts[login] = CpanelAccount(password, suspended=kept_out, email=f"{login}@example.com")

    def remove(self, login: str) -> None:
        del self.peer.accounts[login]

    def signs_in(self, login: str, password: str) -> bool:
        return self.peer.signs_in(login, password)

    def owner_sets(self, login: str, password: str, *, at: datetime) -> None:  # noqa: ARG002 - nor here
        self.peer.accounts[login].password = password


@pytest.fixture
def server() -> Iterator[CpanelServer]:
    peer = WhmPeer()
    with served(peer) as url:
        yield CpanelServer(url, peer)


class TestWhm(BackendContract):
    """As it is set up by default."""

    @pytest.fixture
    def system(self, server: CpanelServer) -> CpanelServer:
        return server


class TestWhmThatSuspends(BackendContract):
    """With sites suspended."""

    @pytest.fixture
    def system(self, server: CpanelServer) -> CpanelServer:
        server.given = {"suspend_sites": True}
        server.knows = frozenset({"generation", "suspended"})  # type: ignore[misc]
        return server


def calls(peer: WhmPeer, function: str) -> list[dict[str, str]]:
    """Return what a function was given, each time."""
    bodies = [asked.body.decode() for asked in peer.asked if asked.path.startswith(f"/json-api/{function}")]
    return [{name: values[0] for name, values in parse_qs(body).items()} for body in bodies]


def test_the_database_password_is_left_alone_and_a_new_one_is_demanded(server: CpanelServer) -> None:
    server.add("ada")
    server.peer.accounts["ada"].database_password = "in wp-config"
    with closing(server.backend()) as backend:
        assert backend.lock("web1", ["ada"], guard=FIRST) == Done(applied=1)
        ada = server.peer.accounts["ada"]
        assert (ada.database_password, ada.force_change) == ("in wp-config", True)
        assert calls(server.peer, "passwd")[0]["db_pass_update"] == "0"
        backend.set_password("web1", "ada", NEW, guard=FIRST)
        assert not server.peer.accounts["ada"].force_change
    server.given = {"database_passwords": True}
    with closing(server.backend()) as backend:
        backend.lock("web1", ["ada"], guard=NEXT)
    assert server.peer.accounts["ada"].database_password != "in wp-config"


def test_no_secret_stands_in_an_address(server: CpanelServer) -> None:
    server.add("ada")
    with closing(server.backend()) as backend:
        backend.lock("web1", ["ada"], guard=FIRST)
        backend.set_password("web1", "ada", NEW, guard=FIRST)
    assert not [asked.path for asked in server.peer.asked if "?" in asked.path or NEW in asked.path]


def test_ftp_accounts_go_with_their_owner(server: CpanelServer) -> None:
    server.given = {"ftp_accounts": True}
    server.add("ada")
    server.peer.accounts["ada"].ftp = {"backup@ada.example": OLD}
    with closing(server.backend()) as backend:
        found = {each.login: each for each in backend.find(Selection(set_before=CUTOFF))}
        assert set(found) == {"ada", "ada/backup@ada.example"}
        assert found["ada/backup@ada.example"].email == "ada@example.com"
        done = backend.lock("web1", ["ada/backup@ada.example", "ada/gone@ada.example"], guard=FIRST)
        assert done == Done(applied=1, skipped=("ada/gone@ada.example",))
        assert not server.signs_in("ada/backup@ada.example", OLD)
        assert server.signs_in("ada", OLD), "the account itself was not in the chunk"
        backend.set_password("web1", "ada/backup@ada.example", NEW, guard=FIRST)
    assert server.signs_in("ada/backup@ada.example", NEW)


def test_selection_by_plan_and_reseller(server: CpanelServer) -> None:
    server.add("ada")
    server.add("bob")
    server.peer.accounts["bob"].plan, server.peer.accounts["bob"].owner = "gold", "resella"
    with closing(server.backend()) as backend:
        for narrowed in (
            Selection(set_before=CUTOFF, plans=("gold",)),
            Selection(set_before=CUTOFF, groups=("resella",)),
        ):
            assert [each.login for each in backend.find(narrowed)] == ["bob"]


def test_api_tokens_are_revoked_one_by_one(server: CpanelServer) -> None:
    server.add("ada")
    server.peer.accounts["ada"].tokens = ["deploy", "backup", "forgotten"]
    with closing(server.backend()) as backend:
        gone = [each for each in backend.verify("web1", ["ada"], guard=FIRST) if each.what == "session_gone"]
        assert gone[0].holds is False
        assert backend.revoke("web1", ["ada"], guard=FIRST) == Done(applied=1)
        assert server.peer.accounts["ada"].tokens == []
        gone = [each for each in backend.verify("web1", ["ada"], guard=FIRST) if each.what == "session_gone"]
        assert gone[0].holds is True


def test_the_old_password_of_a_probe_is_tried(server: CpanelServer) -> None:
    server.given = {"probes": {"ada": "old_one"}}
    server.add("ada")
    server.add("bob")
    with closing(server.backend()) as backend:

        def refused() -> dict[str, bool | None]:
            checks = backend.verify("web1", ["ada", "bob"], guard=FIRST)
            return {each.login: each.holds for each in checks if each.what == "old_refused"}

        assert refused() == {"ada": False, "bob": None}
        backend.lock("web1", ["ada", "bob"], guard=FIRST)
        assert refused() == {"ada": True, "bob": None}


def test_a_crash_between_call_and_note_is_done_again(server: CpanelServer) -> None:
    server.add("ada")
    server.add("bob")
    with closing(server.backend()) as backend:
        backend.lock("web1", ["ada"], guard=FIRST)
        # bob's call is answered by nothing at all.
        server.peer.next = [Said(0)]
        with pytest.raises(Unknown):
            backend.lock("web1", ["ada", "bob"], guard=FIRST)
        assert PanelNote.objects.get(login="bob").state == "intended"
        assert backend.lock("web1", ["ada", "bob"], guard=FIRST) == Done(applied=1, unchanged=1)
        assert PanelNote.objects.get(login="bob", operation="lock").state == "done"


def test_what_was_suspended_before_a_crash_is_let_in_again(server: CpanelServer) -> None:
    server.given = {"suspend_sites": True}
    server.add("ada")
    server.add("bob", kept_out=True)
    with closing(server.backend()) as backend:
        assert backend.disable("web1", ["ada", "bob"], guard=FIRST) == Done(applied=2)
        # As if this process had died before it noted what it had done.
        PanelNote.objects.filter(operation="disable").update(state="intended")
        assert backend.disable("web1", ["ada", "bob"], guard=FIRST) == Done(applied=2)
        backend.enable("web1", ["ada", "bob"], guard=FIRST)
    assert {login: each.suspended for login, each in server.peer.accounts.items()} == {"ada": False, "bob": True}


def test_patience_is_kept_to(server: CpanelServer) -> None:
    server.add("ada")
    with closing(server.backend()) as backend:
        server.peer.next = [Said(429, headers={"Retry-After": "42"})]
        with pytest.raises(Busy) as busy:
            backend.lock("web1", ["ada"], guard=FIRST)
        assert busy.value.retry_after_s == 42
        assert backend.lock("web1", ["ada"], guard=FIRST) == Done(applied=1)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"metadata": {"result": 0, "reason": "no"}}'])
def test_what_is_no_whm_is_told(server: CpanelServer, body: bytes) -> None:
    with closing(server.backend()) as backend:
        server.peer.next = [Said(200, body)]
        with pytest.raises(Trouble):
            list(backend.find(Selection(set_before=CUTOFF)))


def test_the_dry_run_tells_what_the_token_may(server: CpanelServer) -> None:
    server.add("ada")
    server.peer.privileges = {"passwd": 0, "all": 0}
    with closing(server.backend()) as backend:
        (probe,) = backend.probe()
        assert not probe.granted
        assert "1 accounts" in probe.sentence
        server.peer.next = [Said(403)]
        assert "refuses our sign-in" in backend.probe()[0].sentence


def test_a_private_address_nobody_allowed_is_not_reached(server: CpanelServer, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []
    with closing(server.backend()) as backend, pytest.raises(Trouble, match="OUTBOUND_ALLOW"):
        backend.count(Selection(set_before=CUTOFF))
    assert server.peer.asked == []
