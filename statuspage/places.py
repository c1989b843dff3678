"""The screens of the status page that stand beside each other, filled in `AppConfig.ready`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from people.models import Person
from people.permissions import READ, may


@dataclass(frozen=True, kw_only=True)
class Place:
    """One tab among the staff's screens."""

    url_name: str
    label: str | Promise
    order: int
    capability: str = READ


_places: Final[dict[str, Place]] = {}


def register(place: Place) -> None:
    """Add a tab, in place of one with the same `url_name`."""
    _places[place.url_name] = place


def places_for(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the tabs that the reader may open, in order, with the one that they are on."""
    reader = request.user
    seen = [
        (place, reverse(place.url_name))
        for place in sorted(_places.values(), key=lambda place: place.order)
        if isinstance(reader, Person) and may(reader, place.capability)
    ]
    here = max((url for _place, url in seen if request.path.startswith(url)), key=len, default="")
    return [{"label": place.label, "url": url, "current": url == here} for place, url in seen]
