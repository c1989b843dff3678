"""Fields of a CSV file that no spreadsheet takes for a formula."""

from __future__ import annotations

from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What Excel, LibreOffice and Google Sheets begin a formula with (OWASP, "CSV Injection")."""
GUARD: Final = "'"


def guarded(text: str) -> str:
    """Return a field that a spreadsheet shows as text. What already looks guarded is guarded once more."""
    return GUARD + text if text.startswith((*FORMULA, GUARD)) else text


def unguarded(text: str) -> str:
    """Return what `guarded` was given."""
    return text[1:] if text.startswith(GUARD) and text[1:].startswith((*FORMULA, GUARD)) else text
