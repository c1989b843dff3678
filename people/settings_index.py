"""What stands on the page "Settings". Apps add their places in `AppConfig.ready`, as they do to the navigation.

The navigation itself stays short: somebody woken at 03:00 looks for an incident, not for routing rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.models import Person
from people.permissions import may
from web import icons

PEOPLE: Final = _("People")
RESPONSE: Final = _("Response")
MONITORING: Final = _("Monitoring")
RECORDS: Final = _("Records")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One place on the page: `text` says in a line what it is for; without `capability` everybody sees it."""

    label: str | Promise
    text: str | Promise
    url_name: str
    icon: str
    group: str | Promise
    order: int
    capability: str = ""


_entries: Final[dict[str, Entry]] = {}


def register(entry: Entry) -> None:
    """Add `entry`, in place of one with the same `url_name`. Raises `UnknownIconError` for an icon nobody drew."""
    icons.checked(entry.icon)
    _entries[entry.url_name] = entry


def entries_for(person: Person) -> list[tuple[str, list[Entry]]]:
    """Return the places that this person may open, group by group, in order."""
    groups: dict[str, list[Entry]] = {}
    for entry in sorted(_entries.values(), key=lambda entry: entry.order):
        if not entry.capability or may(person, entry.capability):
            groups.setdefault(str(entry.group), []).append(entry)
    return list(groups.items())
