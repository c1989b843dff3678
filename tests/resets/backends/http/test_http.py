"""An endpoint of a hosting company's own, as docs/reset-endpoint.md describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any, ClassVar

import pytest

from eap.actions.base import Trouble, Unknown
from resets.backends.base import Ability, Backend, Done, Selection
from resets.backends.http import Http
from resets.backends.http.signing import SIGNATURE, TIMESTAMP, signed
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
from tests.resets.servers.http_endpoint import SECRET, Endpoint, Kept
from tests.resets.servers.peer import Said, served

__all__ = ["_loopback_is_allowed"]
ABLE: list[Ability] = ["disable", "lock", "revoke", "enable", "set_password", "verify", "read_hashes"]


class EndpointUnderTest(UnderTest):
    """The endpoint's accounts."""

    knows: ClassVar[frozenset[str]] = frozenset({"set_at", "generation", "suspended"})

    def __init__(self, url: str, peer: Endpoint) -> None:
        self.url, self.peer, self.able, self.secret = url, peer, ABLE, SECRET

    def backend(self) -> Backend[Any]:
        given = {"url": f"{self.url}/resets", "secret": "endpoint_secret", "able": self.able}
        return Http(Http.settings.model_validate(given), surroundings(secrets={"endpoint_secret": self.secret}))

    def add(self, login: str, *, password: str = OLD, set_at: datetime = BEFORE, kept_out: bool = False) -> None:
        self.peer.accounts[login] = Kept(password, set_at, out=kept_out)

    def remove(self, login: str) -> None:
        del self.peer.accounts[login]

    def signs_in(self, login: str, password: str) -> bool:
        return self.peer.signs_in(login, password)

    def owner_sets(self, login: str, password: str, *, at: datetime) -> None:
        self.peer.accounts[login].password, self.peer.accounts[login].set_at = password, at


@pytest.fixture
def endpoint() -> Iterator[EndpointUnderTest]:
    peer = Endpoint()
    with served(peer) as url:
        yield EndpointUnderTest(url, peer)


class TestHttp(BackendContract):
    """The promises of every backend."""

    @pytest.fixture
    def system(self, endpoint: EndpointUnderTest) -> EndpointUnderTest:
        return endpoint


def test_calls_are_signed_and_a_stranger_is_refused(endpoint: EndpointUnderTest) -> None:
    endpoint.add("ada")
    endpoint.secret = "another secret"
    with closing(endpoint.backend()) as backend, pytest.raises(Trouble, match="refuses our sign-in"):
        backend.lock("", ["ada"], guard=FIRST)
    assert endpoint.signs_in("ada", OLD)


def test_the_signature_is_the_documented_one() -> None:
    # printf '1700000000.{"operation":"probe"}' | openssl dgst -sha256 -hmac secret
    assert signed(b'{"operation":"probe"}', secret="secret", at_s=1_700_000_000) == {
        TIMESTAMP: "1700000000",
        SIGNATURE: "v1=d7751bce499c883d9875c2f673126eeb3a77809765f2ac88b1a622ecb9be4eac",
    }


def test_a_call_tells_all_that_an_endpoint_needs(endpoint: EndpointUnderTest) -> None:
    endpoint.add("ada")
    with closing(endpoint.backend()) as backend:
        backend.disable("web1", ["ada"], guard=FIRST)
        backend.disable("web1", ["ada"], guard=FIRST)
        backend.disable("web1", ["ada"], guard=NEXT)
    first, again, newer = (json.loads(asked.body) for asked in endpoint.peer.asked)
    assert {**first, "idempotency_key": ""} == {
        "operation": "disable",
        "shard": "web1",
        "generation": 7,
        "cutoff": CUTOFF.isoformat(),
        "idempotency_key": "",
        "accounts": [{"login": "ada"}],
    }
    assert first["idempotency_key"] == again["idempotency_key"] != newer["idempotency_key"]


def test_pages_are_followed_and_a_circle_ends(endpoint: EndpointUnderTest) -> None:
    for login in "abcdefg":
        endpoint.add(login)
    with closing(endpoint.backend()) as backend:
        assert [each.login for each in backend.find(Selection(set_before=CUTOFF))] == list("abcdefg")
        page = Said(200, b'{"accounts":[{"login":"a"}],"cursor":"a"}')
        endpoint.peer.next = [page, page]
        with pytest.raises(Trouble, match="same page"):
            list(backend.find(Selection(set_before=CUTOFF)))


@pytest.mark.parametrize(
    "answer",
    [
        {"results": []},
        {"results": [{"login": "bob", "outcome": "applied"}]},
        {"results": [{"login": "ada", "outcome": "applied"}, {"login": "ada", "outcome": "skipped"}]},
        {"results": [{"login": "ada", "outcome": "done"}]},
        {"done": True},
    ],
)
def test_an_answer_that_does_not_add_up_is_unknown(endpoint: EndpointUnderTest, answer: Any) -> None:
    endpoint.add("ada")
    with closing(endpoint.backend()) as backend:
        endpoint.peer.next = [Said(200, json.dumps(answer).encode())]
        with pytest.raises(Unknown):
            backend.lock("", ["ada"], guard=FIRST)
        assert backend.lock("", ["ada"], guard=FIRST).applied == 1


def test_what_the_endpoint_misses_is_told_by_cause(endpoint: EndpointUnderTest) -> None:
    with closing(endpoint.backend()) as backend:
        miss = {"login": "ada", "outcome": "missed", "code": "jailed", "sentence": "In a jail.", "passing": True}
        endpoint.peer.next = [Said(200, json.dumps({"results": [miss]}).encode())]
        (missed,) = backend.lock("", ["ada"], guard=FIRST).misses
    assert (missed.code, missed.sentence, missed.passing) == ("jailed", "In a jail.", True)


def test_what_it_is_not_able_to_is_not_asked(endpoint: EndpointUnderTest) -> None:
    endpoint.able = ["lock", "set_password"]
    endpoint.add("ada")
    with closing(endpoint.backend()) as backend:
        assert backend.revoke("", ["ada"], guard=FIRST) == Done(applied=0, skipped=("ada",))
        with pytest.raises(Trouble, match="can't disable"):
            backend.disable("", ["ada"], guard=FIRST)
        assert endpoint.peer.asked == []
        assert backend.lock("", ["ada"], guard=FIRST) == Done(applied=1)
        backend.set_password("", "ada", NEW, guard=FIRST)
    assert endpoint.signs_in("ada", NEW)


def test_another_password_is_another_call(endpoint: EndpointUnderTest) -> None:
    endpoint.add("ada")
    with closing(endpoint.backend()) as backend:
        for password in (NEW, NEW[::-1]):
            backend.set_password("", "ada", password, guard=FIRST)
    first, second = (json.loads(asked.body)["idempotency_key"] for asked in endpoint.peer.asked)
    assert first != second, "a stored answer would belong to the other password"
