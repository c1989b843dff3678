"""Which channels there are: every package beside this file that names some in `CHANNELS`."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache

import structlog

from notifications import channels
from notifications.channels.base import Channel

log = structlog.get_logger(__name__)


class UnknownChannel(LookupError):
    """No folder brings this channel (any more)."""


@cache
def _discovered() -> dict[str, Channel]:
    found: dict[str, Channel] = {}
    for module in pkgutil.iter_modules(channels.__path__):
        if module.ispkg:
            package = importlib.import_module(f"{channels.__name__}.{module.name}")
            for channel in package.CHANNELS:
                if found.setdefault(channel.kind, channel) is not channel:
                    raise ValueError(f"Two channels are called {channel.kind!r}.")
    return found


def all_channels() -> list[Channel]:
    """Return every channel, in the order of their kinds."""
    return [channel for _, channel in sorted(_discovered().items())]


def channel(kind: str) -> Channel:
    """Return the channel of this kind; raise `UnknownChannel` when none is installed."""
    try:
        return _discovered()[kind]
    except KeyError:
        raise UnknownChannel(f"There is no channel {kind!r} here.") from None


def prepare_all() -> None:
    """Let every channel load what its first message would wait for; one that can't is logged and stops no other."""
    for each in all_channels():
        try:
            each.prepare()
        except Exception:
            log.exception("channel_not_prepared", channel=each.kind)


def url_modules() -> list[str]:
    """Return the names of the URL configurations that channels bring for what their providers call back."""
    names = []
    for module in pkgutil.iter_modules(channels.__path__):
        name = f"{channels.__name__}.{module.name}.urls"
        if module.ispkg and importlib.util.find_spec(name) is not None:
            names.append(name)
    return names
