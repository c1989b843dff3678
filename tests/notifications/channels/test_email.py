"""Mail by a real SMTP dialogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend

from notifications.channels.base import Message, PermanentFailure, TemporaryFailure
from notifications.channels.email import transport
from notifications.channels.registry import channel
from tests.phones import Phones


@pytest.fixture(autouse=True)
def _hang_up_afterwards() -> Iterator[None]:
    yield
    transport.hang_up()


def to(address: str, delivery_id: int = 1) -> Message:
    """Return a message for a mailbox."""
    return Message(
        delivery_id=delivery_id,
        fence=1,
        kind="page",
        to=address,
        name="Ada Åström",
        headline="SEV1 1042: Ström borta",
        sent_at=datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
    )


def test_mails_go_over_one_kept_connection(phones: Phones, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    really_open = EmailBackend.open

    def count(backend: Any) -> Any:
        opened.append(backend)
        return really_open(backend)

    transport.hang_up()
    monkeypatch.setattr(EmailBackend, "open", count)
    for number in range(3):
        channel("email").send(to("ada@harbor.example", number))
    mails = phones.wait_for("mail", count=3)
    assert [mail["subject"] for mail in mails] == ["SEV1 1042: Ström borta"] * 3
    assert len(opened) == 1


def test_a_mail_asks_what_the_page_asks_in_its_readers_language(phones: Phones) -> None:
    asked: dict[str, Any] = {
        "question": "web1 <neu> wiederherstellen?",
        "answerable": True,
        "link": "https://muster.example/p/x/",
    }
    channel("email").send(replace(to("ada@harbor.example"), language="de", **asked))
    (mail,) = phones.wait_for("mail")
    assert "web1 <neu> wiederherstellen?" in mail["text"]
    assert "Öffnen Sie diese Seite, um zu bestätigen" in mail["text"]
    assert "web1 &lt;neu&gt; wiederherstellen?" in mail["html"]
    assert "Öffnen und entscheiden" in mail["html"]


def test_a_connection_that_the_server_closed_is_opened_anew(phones: Phones) -> None:
    channel("email").send(to("ada@harbor.example"))
    transport._thread.backend.connection.sock.close()
    channel("email").send(to("ada@harbor.example", 2))
    assert len(phones.wait_for("mail", count=2)) == 2


@pytest.mark.parametrize(
    ("smtp", "failure", "scope"),
    [(550, PermanentFailure, "address"), (552, PermanentFailure, "message"), (451, TemporaryFailure, "")],
)
def test_a_refusal_is_permanent_by_5_and_temporary_by_4(
    phones: Phones, smtp: int, failure: type[Exception], scope: str
) -> None:
    phones.script({"ada@harbor.example": {"smtp": smtp}})
    with pytest.raises(failure) as raised:
        channel("email").send(to("ada@harbor.example"))
    assert getattr(raised.value, "scope", "") == scope
    assert getattr(raised.value, "code", "") == str(smtp)
    phones.script({"ada@harbor.example": {"smtp": [250]}})
    channel("email").send(to("ada@harbor.example"))


def test_a_server_that_is_away_is_temporary(settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(TemporaryFailure):
        channel("email").send(to("ada@harbor.example"))


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        (b"5.7.1 <ada@harbor.example>: Relay access denied", "configuration"),
        (b"5.1.1 who?", "address"),
        (b"5.2.2 over quota", "message"),
    ],
)
def test_a_refusal_by_policy_is_about_us_and_switches_nobodys_mail_off(words: bytes, scope: str) -> None:
    with pytest.raises(PermanentFailure) as raised:
        transport._need(554, words, scope="address")
    assert raised.value.scope == scope
