"""Which service an alert is about, when its integration key doesn't say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

_WHERE: Final = ("service", "component", "group", "class")
_INSIDE: Final = ("labels", "custom_details")
S = TypeVar("S")


def named_service(fields: Mapping[str, Any], services: Mapping[str, S]) -> S | None:
    """Return the first service that the event's fields name; `services` maps casefolded keys and names."""
    return next((services[name] for name in names_in(fields) if name in services), None)


def names_in(fields: Mapping[str, Any]) -> Iterator[str]:
    """Return what may name a service in an event's fields, casefolded, in the order of how well it does."""
    for holder in (fields, *(fields[name] for name in _INSIDE if isinstance(fields.get(name), Mapping))):
        for where in _WHERE:
            if isinstance(holder.get(where), str):
                yield holder[where].casefold()
