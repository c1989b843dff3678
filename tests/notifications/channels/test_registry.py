"""Channels describe themselves; nothing else knows which there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from notifications import channels
from notifications.channels import registry
from notifications.channels.registry import UnknownChannel, all_carriers, all_channels, carrier, carriers, channel
from web import icons
from web.errors import BadInput

ROOT = Path(__file__).resolve().parents[3]


def test_every_channel_says_what_it_is_and_can() -> None:
    can = {
        each.kind: (each.provider, each.can_acknowledge, each.has_receipts, each.can_look_up, each.can_withdraw)
        for each in all_channels()
        if each.kind in ("email", "sms", "voice", "webhook")
    }
    assert can == {
        "email": ("smtp", True, False, False, False),
        "sms": ("twilio", True, True, True, False),
        "voice": ("twilio", True, True, True, True),
        "webhook": ("webhook", False, False, False, False),
    }
    for each in all_carriers():
        assert str(each.label)
        assert str(each.address_help)
        assert icons.checked(each.icon)


def test_a_channel_that_is_not_installed_is_said_so() -> None:
    with pytest.raises(UnknownChannel):
        channel("pigeon")


def test_deleting_the_folder_deletes_the_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "webhook"
    kept.symlink_to(ROOT / "notifications" / "channels" / "webhook")
    monkeypatch.setattr(channels, "__path__", [str(tmp_path)])
    registry._discovered.cache_clear()
    try:
        assert [each.kind for each in all_channels()] == ["webhook"]
        assert registry.url_modules() == []
    finally:
        monkeypatch.undo()
        registry._discovered.cache_clear()


def test_no_other_file_asks_which_channel_it_is() -> None:
    kinds = ('"voice"', '"sms"', '"email"', '"webhook"')
    # `via` of an answer names the way in, not a channel: it may be said where it comes in.
    asking = [
        path.relative_to(ROOT).as_posix()
        for folder in ("notifications", "people", "incidents", "intake", "web", "engine")
        for path in (ROOT / folder).rglob("*.py")
        if "channels" not in path.relative_to(ROOT).parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(f"channel == {kind}" in line or f"channel != {kind}" in line for kind in kinds)
    ]
    assert asking == []


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("sms", "+46 70-123 45 67", "+46701234567"),
        ("voice", " +1 (206) 555-0100 ", "+12065550100"),
        ("email", " Ada@Harbor.Example ", "Ada@harbor.example"),
        ("webhook", " https://hooks.example.org/muster?a=1 ", "https://hooks.example.org/muster?a=1"),
    ],
)
def test_addresses_are_kept_in_one_form(kind: str, typed: str, kept: str) -> None:
    assert channel(kind).clean_address(typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("sms", "070-123 45 67"),
        ("sms", "+4"),
        ("voice", "Ada"),
        ("voice", ""),
        ("email", "ada"),
        ("email", "ada@harbor.example\nBcc: all@example.org"),
        ("webhook", "ftp://example.org/"),
        ("webhook", "https://"),
        ("webhook", "https://user:secret@example.org/"),
        ("webhook", "https://example.org:99999/"),
        ("webhook", "javascript:alert(1)"),
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(kind: str, typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        channel(kind).clean_address(typed)
    assert refused.value.errors["address"]


def test_missing_settings_are_named(settings: object) -> None:
    assert channel("sms").trouble() == ""
    settings.TWILIO_FROM = ""  # type: ignore[attr-defined]
    assert "TWILIO_FROM" in channel("voice").trouble()


def test_the_order_of_providers_is_the_administrators_and_who_lacks_a_setting_is_left_out(settings: Settings) -> None:
    settings.VONAGE_API_KEY = ""
    settings.SMS_HTTP_URL, settings.SMS_HTTP_BODY = "https://sms.example.org/", "{to} {text}"
    assert [each.provider for each in carriers("sms")] == ["twilio", "http"]
    settings.CHANNEL_PROVIDERS = {"sms": ("http", "nobody")}
    assert [each.provider for each in carriers("sms")] == ["http", "twilio"]
    assert channel("sms").provider == "http"
    settings.TWILIO_FROM = settings.SMS_HTTP_URL = ""
    assert [each.provider for each in carriers("sms")] == ["http"]
    assert carrier("sms", "twilio").trouble()
    with pytest.raises(UnknownChannel):
        carrier("sms", "nobody")
