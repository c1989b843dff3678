"""Channels and providers that the settings name."""

import pytest
from pytest_django import Settings

from notifications.channels.named_in_settings import check_names


def said(settings: Settings, *, providers: dict[str, tuple[str, ...]], rates: dict[tuple[str, str], float]) -> str:
    settings.CHANNEL_PROVIDERS, settings.CHANNEL_RATES = providers, rates
    return "\n".join(str(each.msg) for each in check_names())


def test_what_there_is_may_be_named(settings: Settings) -> None:
    assert said(settings, providers={"sms": ("vonage", "twilio")}, rates={("voice", "twilio"): 5.0}) == ""


@pytest.mark.parametrize(
    ("providers", "rates", "wrong"),
    [
        ({"sms": ("vonnage", "twilio")}, {}, "CHANNEL_PROVIDERS: nobody called 'vonnage' sends 'sms' here."),
        ({"text": ("twilio",)}, {}, "CHANNEL_PROVIDERS: there is no channel 'text'."),
        ({}, {("voice", "pigeon"): 1.0}, "CHANNEL_RATES: nobody called 'pigeon' sends 'voice' here."),
        ({}, {("call", "twilio"): 1.0}, "CHANNEL_RATES: there is no channel 'call'."),
    ],
)
def test_a_name_that_means_nothing_stops_the_start_and_says_what_is_known(
    settings: Settings,
    providers: dict[str, tuple[str, ...]],
    rates: dict[tuple[str, str], float],
    wrong: str,
) -> None:
    told = said(settings, providers=providers, rates=rates)
    assert wrong in told
    assert "Known are " in told
