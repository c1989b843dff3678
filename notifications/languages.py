"""The languages in which people are called and written to; staff screens are English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "nl": "Nederlands",
}
"""By code, each in its own words. All that is spoken and texted has a catalogue in `locale/`."""
