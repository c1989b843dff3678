"""What stands in the navigation. Apps add their places in `AppConfig.ready`; the ground only shows them.

    navigation.register(Item(label=_("Now"), url_name="now", icon="now", order=10))

On a phone the bottom bar has four targets: the first two places by order, the prominent one (else the third), "More".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from web import icons


@dataclass(frozen=True)
class Item:
    """One place a person can go to.

    `label` is translated late (`gettext_lazy`). `capability` empty: everyone who is signed in. `group` is a heading
    shared by neighbours. `prominent` draws the place as a button: for the one verb that must never be searched for.
    `count` returns what waits there (0 shows nothing); it runs on every page, so it must be one indexed query.
    """

    label: str | Promise
    url_name: str
    icon: str
    order: int
    capability: str = ""
    group: str | Promise = ""
    prominent: bool = False
    count: Callable[[HttpRequest], int] | None = None


@dataclass(frozen=True)
class Place:
    """An item as one reader sees it: its address, whether they are there, how much waits."""

    item: Item
    url: str
    current: bool
    count: int


@dataclass(frozen=True)
class Navigation:
    """The places of one reader on one page, in order."""

    places: list[Place] = field(default_factory=list)

    @property
    def prominent(self) -> Place | None:
        """The one verb drawn as a button, if this reader may use it."""
        return next((place for place in self.places if place.item.prominent), None)

    @property
    def plain(self) -> list[Place]:
        """All places that are not drawn as a button."""
        return [place for place in self.places if not place.item.prominent]

    @property
    def dock(self) -> list[Place]:
        """The three places on a phone's bottom bar; "More" is the fourth target."""
        button = self.prominent
        return [*self.plain[:2], button] if button else self.plain[:3]


_items: Final[dict[str, Item]] = {}
_judges: Final[list[Callable[[Any, str], bool]]] = []


def register(item: Item) -> None:
    """Add `item`, in place of one with the same `url_name`. Raises `UnknownIconError` for an icon nobody drew."""
    icons.checked(item.icon)
    _items[item.url_name] = item


def judge_with(may: Callable[[Any, str], bool]) -> None:
    """Let `may(person, capability)` decide who sees what. Without a judge nobody sees what needs a capability."""
    _judges[:] = [may]


def _sees(user: Any, item: Item) -> bool:
    if not item.capability:
        return True
    return any(may(user, item.capability) for may in _judges)


def navigation_for(request: HttpRequest) -> Navigation:
    """Return the places the person of `request` may go to; none for somebody who is not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Navigation()
    seen = [
        (item, reverse(item.url_name))
        for item in sorted(_items.values(), key=lambda item: item.order)
        if _sees(user, item)
    ]
    here = _where(request.path, [url for _, url in seen])
    return Navigation(
        [
            Place(item=item, url=url, current=url == here, count=item.count(request) if item.count else 0)
            for item, url in seen
        ]
    )


def _where(path: str, urls: list[str]) -> str | None:
    """Return the address that holds `path` most closely; "/" holds only itself."""
    holding = [url for url in urls if path == url or (url.endswith("/") and url != "/" and path.startswith(url))]
    return max(holding, key=len, default=None)
