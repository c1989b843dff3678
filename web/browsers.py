"""What a browser says about itself, in the two words a person knows it by."""

from __future__ import annotations

from typing import Final

# Order matters: most browsers also name the ones they descend from.
_PROGRAMS: Final = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
]
_SYSTEMS: Final = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]


def known_as(user_agent: str) -> str:
    """Return "Firefox, Android" for a User-Agent header; the header's first 60 characters when it names neither."""
    found = [next((name for sign, name in choices if sign in user_agent), "") for choices in (_PROGRAMS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or user_agent[:60]
