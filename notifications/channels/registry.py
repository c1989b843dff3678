"""Which channels there are: every package beside this file that names some in `CHANNELS`."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache

import structlog
from django.conf import settings

from notifications import channels
from notifications.channels.base import Channel

log = structlog.get_logger(__name__)


class UnknownChannel(LookupError):
    """No folder brings this channel (any more)."""


@cache
def _discovered() -> dict[str, tuple[Channel, ...]]:
    found: dict[str, list[Channel]] = {}
    for module in pkgutil.iter_modules(channels.__path__):
        if module.ispkg:
            package = importlib.import_module(f"{channels.__name__}.{module.name}")
            for each in package.CHANNELS:
                same_kind = found.setdefault(each.kind, [])
                if any(other.provider == each.provider for other in same_kind):
                    raise ValueError(f"Two channels are called {each.kind!r} by {each.provider!r}.")
                same_kind.append(each)
    return {kind: tuple(sorted(own, key=lambda each: (each.order, each.provider))) for kind, own in found.items()}


def all_channels() -> list[Channel]:
    """Return one channel for each kind, the one that describes it, in the order of their kinds."""
    return [channel(kind) for kind in sorted(_discovered())]


def all_carriers() -> list[Channel]:
    """Return every channel by every provider, also those that lack a setting; kinds and then providers in order."""
    return [each for kind in sorted(_discovered()) for each in _in_order(kind)]


def channel(kind: str) -> Channel:
    """Return the channel that describes this kind, its first carrier; raise `UnknownChannel` when none is installed."""
    return carriers(kind)[0]


def carriers(kind: str) -> tuple[Channel, ...]:
    """Return who can send messages of this kind, in the order in which they are tried.

    That is `CHANNEL_PROVIDERS`, then each folder's own `order`. One that lacks a setting is left out; where all do, the
    first is returned, so that sending says what is missing. Raises `UnknownChannel` when none is installed.
    """
    known = _in_order(kind)
    if not known:
        raise UnknownChannel(f"There is no channel {kind!r} here.")
    return tuple(each for each in known if not each.trouble()) or known[:1]


def carrier(kind: str, provider: str) -> Channel:
    """Return the channel of this kind by this provider, whatever it lacks; raise `UnknownChannel` if there is none."""
    for each in _discovered().get(kind, ()):
        if each.provider == provider:
            return each
    raise UnknownChannel(f"There is no channel {kind!r} by {provider!r} here.")


def _in_order(kind: str) -> tuple[Channel, ...]:
    wished: tuple[str, ...] = settings.CHANNEL_PROVIDERS.get(kind, ())
    known = _discovered().get(kind, ())
    if not wished:
        return known
    place = {provider: number for number, provider in enumerate(wished)}
    return tuple(sorted(known, key=lambda each: place.get(each.provider, len(wished))))


def is_installed(folder: str) -> bool:
    """Tell whether the folder of this name is here: what a floor above builds on one carrier alone goes with it."""
    return importlib.util.find_spec(f"{channels.__name__}.{folder}") is not None


def prepare_all() -> None:
    """Let every channel load what its first message would wait for; one that can't is logged and stops no other."""
    for each in all_carriers():
        try:
            each.prepare()
        except Exception:
            log.exception("channel_not_prepared", channel=each.kind, provider=each.provider)


def url_modules() -> list[str]:
    """Return the names of the URL configurations that channels bring for what their providers call back."""
    names = []
    for module in pkgutil.iter_modules(channels.__path__):
        name = f"{channels.__name__}.{module.name}.urls"
        if module.ispkg and importlib.util.find_spec(name) is not None:
            names.append(name)
    return names
