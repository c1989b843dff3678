"""What the settings call a channel or a provider has to be one: a slip of the pen would change nothing, silently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from notifications.channels.registry import all_carriers


def check_names(**_asked: Any) -> list[CheckMessage]:
    """Return an error for each channel or provider of `CHANNEL_PROVIDERS` and `CHANNEL_RATES` that there is not; with
    one nothing starts."""
    known: dict[str, list[str]] = {}
    for each in all_carriers():
        known.setdefault(each.kind, []).append(each.provider)
    errors: list[CheckMessage] = []
    for setting, kind, provider in _named():
        if kind not in known:
            wrong = f"{setting}: there is no channel {kind!r}. Known are {', '.join(sorted(known))}."
        elif provider not in known[kind]:
            wrong = f"{setting}: nobody called {provider!r} sends {kind!r} here. Known are {', '.join(known[kind])}."
        else:
            continue
        errors.append(Error(wrong, id="notifications.E001"))
    return errors


def _named() -> Iterator[tuple[str, str, str]]:
    for kind, providers in settings.CHANNEL_PROVIDERS.items():
        for provider in providers:
            yield "CHANNEL_PROVIDERS", kind, provider
    for kind, provider in settings.CHANNEL_RATES:
        yield "CHANNEL_RATES", kind, provider
