"""Webhooks: signed, never into private networks, never where a redirect leads."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from notifications import outbound
from notifications.channels.base import Message, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.registry import channel
from tests.phones import Phones

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def to(url: str) -> Message:
    """Return a message for a webhook."""
    return Message(
        delivery_id=7,
        fence=1,
        kind="page",
        to=url,
        name="Ada",
        headline="SEV1 1042: Power lost",
        link="https://muster.example/p/x/",
        question="Restore web1?",
        page_id="p1",
        sent_at=AT,
        secret="between us",
    )


def test_a_webhook_is_signed_over_time_and_body(phones: Phones) -> None:
    receipt = channel("webhook").send(to(f"{phones.url}/hook/ada?x=1"))
    assert receipt.delivered
    (hook,) = phones.all("hooks", name="ada")
    headers = {name.lower(): value for name, value in hook["headers"].items()}
    signed = f"{headers['muster-timestamp']}.{hook['text']}".encode()
    assert headers["muster-signature"] == "v1=" + hmac.new(b"between us", signed, hashlib.sha256).hexdigest()
    assert headers["muster-timestamp"] == str(int(AT.timestamp()))
    assert headers["muster-delivery"] == "7"
    told = json.loads(hook["text"])
    assert (told["headline"], told["question"]) == ("SEV1 1042: Power lost", "Restore web1?")
    assert hook["query"] == "x=1"


@pytest.mark.parametrize(
    ("behaviour", "failure", "code"),
    [
        ({"http": 500}, TemporaryFailure, "500"),
        ({"http": 429, "retry_after_s": 9}, TemporaryFailure, "429"),
        ({"http": 404}, PermanentFailure, "404"),
        ({"http": 302}, PermanentFailure, "302"),
        ({"http": 410}, PermanentFailure, "410"),
        ({"disconnect": "after"}, OutcomeUnknown, "no_answer"),
    ],
)
def test_answers_decide(phones: Phones, behaviour: dict[str, Any], failure: type[Exception], code: str) -> None:
    phones.script({"hook:ada": behaviour})
    with pytest.raises(failure) as raised:
        channel("webhook").send(to(f"{phones.url}/hook/ada"))
    assert raised.value.code == code  # type: ignore[attr-defined]


def test_nobody_listening_is_temporary(phones: Phones) -> None:
    with pytest.raises(TemporaryFailure):
        channel("webhook").send(to("http://127.0.0.1:9/"))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://192.168.1.1/",
        "http://[fd00::1]/",
        "http://localhost/",
        "http://224.0.0.1/",
        "http://192.0.0.192/",
        "http://168.63.129.16/machine",
        "http://[64:ff9b::a00:1]/",
        "http://[64:ff9b:1::a00:1]/",
        "http://[2002:a00:1::]/",
        "http://[::a00:1]/",
        "http://[fec0::1]/",
        "http://[fe80::1%25eth0]/",
        "ftp://example.org/",
    ],
)
def test_private_networks_are_refused_unless_allowed(url: str, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(PermanentFailure) as refused:
        outbound.resolve(url)
    assert refused.value.scope == "address"


def test_an_allowed_network_is_reached(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("10.1.0.0/16")]
    assert outbound.resolve("http://10.1.2.3:8080/x").url == "http://10.1.2.3:8080/x"
    with pytest.raises(PermanentFailure):
        outbound.resolve("http://10.2.2.3/")


def test_a_name_is_looked_up_once_and_that_very_address_is_used(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def look_up(_host: str, port: int, **_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    settings.OUTBOUND_ALLOW = []
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    target = outbound.resolve("https://hooks.example.org/x?y=1")
    assert target.url == "https://93.184.216.34:443/x?y=1"
    assert target.host_header == "hooks.example.org"


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    def look_up(_host: str, port: int, **_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in ("93.184.216.34", "10.0.0.1")]

    settings.OUTBOUND_ALLOW = []
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(PermanentFailure):
        outbound.resolve("https://hooks.example.org/")
