"""Requests to a real server on loopback, and those that are refused before they leave."""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from eap.actions.base import Trouble, Unknown
from eap.actions.check import Check, CheckInputs
from eap.actions.http import Http, HttpInputs
from tests.eap.actions.around import Log, around


class Peer(BaseHTTPRequestHandler):
    """Answers as its path says and keeps what it was asked."""

    asked: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, dict(self.headers.items()), body))
        if self.path == "/hang-up":
            self.connection.close()
            return
        status = int(self.path.strip("/") or 200) if self.path.strip("/").isdigit() else 200
        answer = json.dumps({"job": {"id": 7, "state": "queued"}, "echo": body.decode()}).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@pytest.fixture
def url(settings: Any) -> Iterator[str]:
    settings.ACTION_HTTP_HOSTS = ["127.0.0.1", "*.harbor.example"]
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    Peer.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_it_asks_with_secrets_and_its_key_and_takes_facts(url: str) -> None:
    log = Log()
    call = HttpInputs(
        url=f"{url}/jobs",
        headers={"Authorization": "Bearer {secrets.token}"},
        content={"password": "{secrets.token}"},
        facts={"job": "job.id", "state": "job.state"},
    )
    result = Http().apply(call, around(log, key="k1", secrets={"token": "very-secret-1"}))
    assert result.facts == {"status": 200, "job": 7, "state": "queued"}
    _method, _path, headers, body = Peer.asked[0]
    assert headers["Authorization"] == "Bearer very-secret-1"
    assert headers["Idempotency-Key"] == "k1"
    assert json.loads(body) == {"password": "very-secret-1"}
    assert log.lines
    assert "very-secret-1" not in "".join(log.lines)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://other.example/x", "not among ACTION_HTTP_HOSTS"),
        ("http://10.0.0.1/x", "not among ACTION_HTTP_HOSTS"),
        ("ftp://127.0.0.1/x", "no http or https URL"),
        ("http://[::1/x", "no http or https URL"),
    ],
)
def test_what_may_not_be_asked_never_leaves(url: str, address: str, sentence: str) -> None:
    with pytest.raises(Trouble, match=sentence):
        Http().apply(HttpInputs(url=address), around())
    assert not Peer.asked


def test_a_listed_name_in_a_private_network_is_refused(url: str, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(Trouble, match="private network"):
        Http().apply(HttpInputs(url=f"{url}/x"), around())
    assert not Peer.asked


def test_a_listed_name_that_leads_into_a_private_network_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["93.184.216.34", "10.0.0.5"], ["169.254.169.254"], ["::ffff:10.0.0.5"], ["64:ff9b::a00:5"]])

    def look_up(_host: str, port: int, **_more: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for _ in range(4):
        with pytest.raises(Trouble, match="private network"):
            Http().apply(HttpInputs(url="http://api.harbor.example/x"), around())
    assert next(answers, None) is None


def test_a_name_is_looked_up_once_and_never_again_for_the_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    port = int(url.rpartition(":")[2])

    def look_up(host: str, _port: int, *_given: Any, **_more: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        address = "10.0.0.5" if host == "api.harbor.example" and asked.count(host) > 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert Http().apply(HttpInputs(url=f"http://api.harbor.example:{port}/jobs"), around()).facts["status"] == 200
    assert asked[0] == "api.harbor.example"
    assert "api.harbor.example" not in asked[1:]
    assert Peer.asked[0][2]["Host"] == f"api.harbor.example:{port}"


def test_secrets_are_refused_in_addresses() -> None:
    with pytest.raises(ValueError, match="read by everybody"):
        HttpInputs(url="https://x.harbor.example/{secrets.token}")


def test_redirects_are_not_followed(url: str) -> None:
    with pytest.raises(Trouble, match="answered 302"):
        Http().apply(HttpInputs(url=f"{url}/302"), around())
    assert len(Peer.asked) == 1


def test_how_sure_a_failure_is(url: str) -> None:
    with pytest.raises(Trouble) as refused:
        Http().apply(HttpInputs(url=f"{url}/404"), around())
    assert not refused.value.passing
    with pytest.raises(Unknown):
        Http().apply(HttpInputs(url=f"{url}/500"), around())
    with pytest.raises(Unknown):
        Http().apply(HttpInputs(url=f"{url}/hang-up"), around())
    with pytest.raises(Trouble) as later:
        Http().apply(HttpInputs(url=f"{url}/503", method="PUT"), around())
    assert later.value.passing
    with pytest.raises(Trouble, match="can't be reached") as away:
        Http().apply(HttpInputs(url="http://127.0.0.1:1/"), around())
    assert away.value.passing


def test_effects_follow_the_method() -> None:
    found = [Http().effects_of(HttpInputs(url="https://a.example/", method=m)) for m in ("GET", "PUT", "POST")]
    assert found == ["pure", "idempotent", "once"]
    assert Http().effects_of(HttpInputs(url="https://a.example/", repeatable=True)) == "idempotent"


def test_a_check_of_an_address_and_a_port(url: str) -> None:
    assert Check().apply(CheckInputs(url=f"{url}/ok", text="queued"), around()).facts == {"holds": True}
    with pytest.raises(Trouble, match="answered 500"):
        Check().apply(CheckInputs(url=f"{url}/500"), around())
    with pytest.raises(Trouble, match="not with “absent”"):
        Check().apply(CheckInputs(url=f"{url}/ok", text="absent"), around())
    port = int(url.rpartition(":")[2])
    assert Check().apply(CheckInputs(host="127.0.0.1", port=port), around()).facts["holds"]
    with pytest.raises(Trouble, match="still open"):
        Check().apply(CheckInputs(host="127.0.0.1", port=port, open=False), around())
    with pytest.raises(Trouble, match="closed"):
        Check().apply(CheckInputs(host="127.0.0.1", port=1), around())


def test_a_check_of_a_port_keeps_out_of_private_networks(url: str, settings: Any) -> None:
    port = int(url.rpartition(":")[2])
    settings.OUTBOUND_ALLOW = []
    for host in ("127.0.0.1", "localhost", "::ffff:127.0.0.1", "169.254.169.254"):
        for is_open in (True, False):
            with pytest.raises(Trouble, match="private network that OUTBOUND_ALLOW does not name"):
                Check().apply(CheckInputs(host=host, port=port, open=is_open), around())
    with pytest.raises(Trouble, match="private network"):
        Check().apply(CheckInputs(url=f"{url}/ok"), around())
    assert not Peer.asked


@pytest.mark.parametrize("host", ["a..b", f"{'x' * 64}.example"])
@pytest.mark.parametrize("is_open", [True, False])
def test_a_host_that_nobody_can_find_is_neither_open_nor_closed(host: str, is_open: bool) -> None:
    with pytest.raises(Trouble, match="can't be looked up"):
        Check().apply(CheckInputs(host=host, port=443, open=is_open), around())


def test_a_check_names_one_thing() -> None:
    with pytest.raises(ValueError, match="one thing"):
        CheckInputs(url="http://a.example/", alert="x")
    with pytest.raises(ValueError, match="port"):
        CheckInputs(host="a.example")
