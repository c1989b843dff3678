"""Keys of a call beyond those of its page, such as joining a bridge: floors above offer them.

A page's own keys (1, 2, 3, 5, 6, 9) are the channel's. What another key does, and what the call goes on with, belongs
to the floor that registers it in `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from notifications.inbound import Asked

log = structlog.get_logger(__name__)
OF_PAGES: Final = frozenset("123569")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pressed:
    """Who pressed it about which page, on which call (`call`: the provider's id); `key` tells a retried request."""

    asked: Asked
    call: str
    key: str
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One key, on the calls of one provider: what it makes of a call is in that provider's words.

    `offer` returns the sentence that offers it, in the language that is active, "" where this page has none. `press`
    does what it means and returns the document that the call goes on with; it is not in a transaction, and a request
    that the provider repeats must get the same document and change nothing more.
    """

    digit: str
    provider: str
    offer: Callable[[Asked], str]
    press: Callable[[Pressed], str]


class Keys:
    """The keys by provider and digit."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], Key] = {}

    def register(self, key: Key) -> None:
        """Add a key; one that pages have, or a second one of the same digit, is a mistake."""
        if key.digit in OF_PAGES or self._keys.setdefault((key.provider, key.digit), key) != key:
            raise ValueError(f"The key {key.digit} is taken.")

    def offers(self, asked: Asked, *, provider: str) -> list[str]:
        """Return what is offered besides a page's own keys. What can't be worked out is logged and stops no call."""
        sentences = []
        for (of, _digit), key in sorted(self._keys.items()):
            if of == provider:
                try:
                    sentences.append(key.offer(asked))
                except Exception:
                    log.exception("key_not_offered", digit=key.digit, page=str(asked.page.pk))
        return [sentence for sentence in sentences if sentence]

    def press(self, digit: str, pressed: Pressed, *, provider: str) -> str | None:
        """Do what a key means and return the document that follows; None for a key that means nothing here."""
        key = self._keys.get((provider, digit))
        if key is None or not key.offer(pressed.asked):
            return None
        return key.press(pressed)


keys: Final = Keys()
"""All keys that floors above offer."""
