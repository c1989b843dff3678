"""The kinds of backends. A new one is a folder and a line here; none is loaded before somebody asks."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from resets.backends.base import Backend

PLACES: Final[dict[str, str]] = {
    "sql": "resets.backends.sql:SqlUsers",
    "ldap": "resets.backends.ldap:Ldap",
    "shadow": "resets.backends.shadow:Shadow",
    "whm": "resets.backends.whm:Whm",
    "plesk": "resets.backends.plesk:Plesk",
    "http": "resets.backends.http:Http",
}


def kind_of(name: str) -> type[Backend[Any]]:
    """Return the backend class of this kind; raises `KeyError` for one nobody has."""
    module, _, kind = PLACES[name].partition(":")
    found: type[Backend[Any]] = getattr(import_module(module), kind)
    return found
