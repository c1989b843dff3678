"""The parts of a person's page that floors above own, filled in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest

from people.models import Person

Render = Callable[[HttpRequest, Person], str]
_panels: Final[dict[str, Render]] = {}


def register(key: str, render: Render) -> None:
    """Add a part: `render` returns safe HTML, "" for nothing to show. A second one of the same key is a mistake."""
    if _panels.setdefault(key, render) is not render:
        raise ValueError(f"Two panels of a person are called {key!r}.")


def rendered(request: HttpRequest, person: Person) -> list[str]:
    """Return the parts for this person, in the order of their registration."""
    return [html for html in (render(request, person) for render in _panels.values()) if html]
