"""Mail by hosted providers: what is posted to their documented APIs, and what their answers mean."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from config import environment
from config.environment import WrongSettingError
from notifications.channels import email
from notifications.channels.base import Channel, Message, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.email import api_transport
from notifications.channels.email.hosted import hosted_channels
from notifications.channels.registry import _discovered, carriers
from tests.notifications.channels.mail_provider import KEYS, MailProvider, mail_provider

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[MailProvider]:
    """One peer for the module."""
    with mail_provider() as peer:
        yield peer


@pytest.fixture
def peer(running: MailProvider) -> Iterator[MailProvider]:
    """The providers, who take what comes."""
    running.took.clear()
    running.next = None
    yield running
    api_transport.hang_up()


def by(provider: str, peer: MailProvider, settings: Any) -> Channel:
    """Return the channel of a provider that is set up."""
    settings.EMAIL_PROVIDER = [provider]
    settings.ANYMAIL = peer.settings_for(provider)
    (found,) = hosted_channels()
    assert found.trouble() == ""
    return found


def to(address: str = "ada@harbor.example") -> Message:
    """Return a page for a mailbox."""
    return Message(
        delivery_id=7,
        fence=2,
        kind="page",
        to=address,
        name="Ada Åström",
        headline="SEV1 1042: Ström borta",
        sent_at=AT,
        link="https://muster.example/p/x/",
        answerable=True,
    )


def test_mailgun_gets_its_form(peer: MailProvider, settings: Any) -> None:
    receipt = by("mailgun", peer, settings).send(to())
    (posted,) = peer.took
    assert posted.path == "/mailgun/mg.harbor.example/messages"
    assert posted.headers["authorization"].startswith("Basic ")
    form = posted.form()
    assert form["subject"] == "SEV1 1042: Ström borta"
    assert "ada@harbor.example" in form["to"]
    assert "https://muster.example/p/x/" in form["text"]
    assert "https://muster.example/p/x/" in form["html"]
    assert (form["v:delivery"], form["v:fence"]) == ("7", "2")
    assert form["h:Auto-Submitted"] == "auto-generated"
    assert receipt.ref.startswith("<")
    assert not receipt.delivered


def test_postmark_gets_its_json(peer: MailProvider, settings: Any) -> None:
    receipt = by("postmark", peer, settings).send(to())
    (posted,) = peer.took
    content = posted.json()
    assert posted.headers["x-postmark-server-token"] == "key-postmark"
    assert content["Subject"] == "SEV1 1042: Ström borta"
    assert "ada@harbor.example" in content["To"]
    assert content["Metadata"] == {"delivery": "7", "fence": "2"}
    assert len(receipt.ref) == 32


@pytest.mark.parametrize("provider", sorted(KEYS))
@pytest.mark.parametrize(
    ("status", "failure", "scope"),
    [
        (401, PermanentFailure, "configuration"),
        (422, PermanentFailure, "message"),
        (429, TemporaryFailure, ""),
        (503, TemporaryFailure, ""),
        (0, OutcomeUnknown, ""),
    ],
)
def test_what_they_refuse(
    peer: MailProvider, settings: Any, provider: str, status: int, failure: type[Exception], scope: str
) -> None:
    peer.next = status, {"ErrorCode": 10, "Message": "no", "message": "no", "status": "error"}
    channel = by(provider, peer, settings)
    with pytest.raises(failure) as raised:
        channel.send(to())
    assert peer.took, "the provider was asked"
    assert getattr(raised.value, "scope", "") == scope
    if status == 429:
        assert getattr(raised.value, "retry_after_s", None) == 9


def test_an_address_that_a_provider_gave_up_is_an_address_s_fault(peer: MailProvider, settings: Any) -> None:
    words = "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: "
    peer.next = (
        422,
        {"ErrorCode": 406, "Message": f"{words}ada@harbor.example. Inactive recipients are ones that bounced."},
    )
    with pytest.raises(PermanentFailure) as raised:
        by("postmark", peer, settings).send(to())
    assert (raised.value.scope, raised.value.code) == ("address", "rejected")


@pytest.mark.parametrize(("reason", "scope"), [("hard-bounce", "address"), ("unsigned", "configuration")])
def test_a_sender_that_is_refused_is_nobodys_address(
    peer: MailProvider, settings: Any, reason: str, scope: str
) -> None:
    peer.next = 200, [{"email": "ada@harbor.example", "status": "rejected", "reject_reason": reason, "_id": "1"}]
    with pytest.raises(PermanentFailure) as raised:
        by("mandrill", peer, settings).send(to())
    assert (raised.value.scope, raised.value.code) == (scope, "rejected")


def test_a_provider_that_is_away_took_nothing(peer: MailProvider, settings: Any) -> None:
    channel = by("mailgun", peer, settings)
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_API_URL": "http://127.0.0.1:9/v3"}
    with pytest.raises(TemporaryFailure) as raised:
        channel.send(to())
    assert raised.value.code == "unreachable"


def test_connections_are_kept_and_given_back(peer: MailProvider, settings: Any) -> None:
    channel = by("mailgun", peer, settings)
    channel.send(to())
    kept = api_transport._kept()["mailgun"][1]
    channel.send(to())
    assert api_transport._kept()["mailgun"][1] is kept
    channel.let_go()
    assert kept.session is None


def test_a_missing_key_is_named(settings: Any) -> None:
    settings.EMAIL_PROVIDER, settings.ANYMAIL = ["postmark"], {}
    (found,) = hosted_channels()
    assert "POSTMARK_SERVER_TOKEN" in found.trouble()


def test_providers_come_before_smtp_in_the_order_they_are_named(
    peer: MailProvider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_PROVIDER = ["postmark", "mailgun"]
    settings.ANYMAIL = peer.settings_for("postmark") | peer.settings_for("mailgun")
    monkeypatch.setattr(email, "CHANNELS", (*hosted_channels(), *email.CHANNELS))
    _discovered.cache_clear()
    try:
        assert [each.provider for each in carriers("email")] == ["postmark", "mailgun", "smtp"]
    finally:
        monkeypatch.undo()
        _discovered.cache_clear()


def test_every_provider_that_can_be_named_is_known_to_the_library() -> None:
    from config.settings import _MAIL_PROVIDERS

    for name in _MAIL_PROVIDERS:
        assert importlib.import_module(f"anymail.backends.{name}").EmailBackend


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("EMAIL_PROVIDER", "postmark,pigeon", lambda name: environment.choices(name, among=("postmark",))),
        ("EMAIL_PROVIDER_SETTINGS", "KEY", environment.values),
        ("EMAIL_REPLY_TO", "reply+x@a.example", environment.mailbox),
    ],
)
def test_a_wrong_setting_is_named(
    name: str, value: str, read: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettingError, match=name):
        read(name)


def test_settings_of_providers_are_read_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_PROVIDER_SETTINGS", "MAILGUN_API_KEY=a=b; postmark_server_token = t\nX_Y=z")
    assert environment.values("EMAIL_PROVIDER_SETTINGS") == {
        "MAILGUN_API_KEY": "a=b",
        "POSTMARK_SERVER_TOKEN": "t",
        "X_Y": "z",
    }
