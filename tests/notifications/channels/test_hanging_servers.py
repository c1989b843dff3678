"""Servers that somebody named and that never answer: a request to them has an end, and they never hold every sender."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from pytest_django import Settings

from notifications import outbound_http, outbound_line
from notifications.channels.base import OutcomeUnknown, TemporaryFailure
from notifications.outbound_http import exchange
from notifications.outbound_line import Places


class Dripping:
    """A server that sends a byte of its answer's head again and again, and never ends it."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._server.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                line, _from = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._drip, args=(line,), daemon=True).start()

    def _drip(self, line: socket.socket) -> None:
        with line:
            try:
                line.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
                while not self._closing.wait(0.05):
                    line.sendall(b"x")
            except OSError:
                return  # whoever asked has left


@pytest.fixture
def dripping(settings: Settings) -> Iterator[Dripping]:
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    server = Dripping()
    yield server
    server.close()


def asked(url: str) -> str:
    """Return the code of what comes of one request."""
    try:
        return str(exchange(url, body=b"{}", headers={}).status)
    except (OutcomeUnknown, TemporaryFailure) as failure:
        return failure.code


def test_a_server_that_drips_is_left_in_time(dripping: Dripping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound_line, "CALL_S", 0.5)
    monkeypatch.setattr(outbound_http, "servers", Places())
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        exchange(dripping.url, body=b"{}", headers={})
    assert time.monotonic() - began < 5


def test_a_server_that_hangs_holds_a_few_senders_and_others_are_asked_as_ever(
    dripping: Dripping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound_line, "CALL_S", 0.5)
    monkeypatch.setattr(outbound_http, "servers", Places(most=2, hangs_s=0.3))
    with ThreadPoolExecutor(16) as senders:
        assert "no_answer" in set(senders.map(asked, [dripping.url] * 16))
        codes = list(senders.map(asked, [dripping.url] * 16))
    assert codes.count("hangs") >= 8
    # Somebody else's server at once, by another name: nobody is there, which it says.
    assert asked("http://127.0.0.2:1/") == "unreachable"


def test_a_server_that_answers_again_is_a_good_one_again() -> None:
    places = Places(most=1, hangs_s=0.0)
    for name in ("a.example.org", "b.example.org", "example.org", "EXAMPLE.org."):
        with places.at(name):
            time.sleep(0.001)
    with ExitStack() as held:
        held.enter_context(places.at("c.example.org"))
        with pytest.raises(TemporaryFailure) as refused, places.at("d.example.org"):
            pass
        assert refused.value.code == "hangs"
        for other in ("example.com", "192.0.2.7", "192.0.2.8", "2001:db8::1"):
            held.enter_context(places.at(other))

    places._hangs_s = 60.0
    for _ in range(outbound_line.MOST_REMEMBERED):
        with places.at("example.org"):
            pass
    with places.at("example.org"), places.at("example.org"), places.at("example.org"):
        pass


def test_what_is_remembered_stays_small() -> None:
    places = Places(hangs_s=0.0)
    for number in range(outbound_line.SERVERS + 5):
        with places.at(f"a.server-{number}"):
            pass
    assert len(places._hung) <= outbound_line.SERVERS
    assert not places._under_way
