"""The languages that all fixed text of the pages exists in, each under its own name."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "nl": "Nederlands",
}
