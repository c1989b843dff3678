"""The tries that one text stands for, as a name of them goes to a carrier and comes back with its news."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from notifications.channels.base import Message

_TRY: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})")


def tries_of(message: Message) -> str:
    """Return `12.1-13.1`: each delivery that the text is about, and which try of it this is."""
    return "-".join(f"{each.delivery_id}.{each.fence}" for each in (message, *message.together))


def tries_named(name: str) -> Iterator[tuple[int, int]]:
    """Yield the deliveries and tries that `tries_of` named; what is none is passed over."""
    for part in name.split("-"):
        found = _TRY.fullmatch(part)
        if found is not None:
            yield int(found[1]), int(found[2])
