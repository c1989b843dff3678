"""What a notice says: our own words in five languages, and what the words of others must keep to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from ledger.rules import JSON, canonical
from statuspage.rules.languages import LANGUAGES
from web.errors import BadInput

FOLDER: Final = Path(__file__).resolve().parent / "words"
PAGE: Final = "{page}"
"""Where a text names the address that customers type themselves."""
LONGEST_SUBJECT: Final = 150
LONGEST_BODY: Final = 5_000
_LINK: Final = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|\bwww\.|<\s*a\b|\bmailto:")
_PLACE: Final = re.compile(r"\{[^{}]*\}")

Texts = dict[str, dict[str, str]]
"""By language: "subject" and "body"; paragraphs of a body are parted by an empty line."""


@cache
def _written(language: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the first text and the reminder of a file."""
    parts = (FOLDER / f"{language}.txt").read_text(encoding="utf-8").split("\n---\n")
    first, reminder = (part.strip().partition("\n") for part in parts)
    return (
        {"subject": first[0].strip(), "body": first[2].strip()},
        {"subject": reminder[0].strip(), "body": reminder[2].strip()},
    )


def own_texts(*, reminder: bool) -> Texts:
    """Return our own words in every language, for the first round or for those after it."""
    return {language: dict(_written(language)[int(reminder)]) for language in LANGUAGES}


def clean_texts(texts: Mapping[str, Mapping[str, str]], *, language: str) -> Texts:
    """Return the texts as they are kept; raise `BadInput` with a sentence for each field ("de.body").

    A body names the page by `{page}` and holds no link: customers who learn to click on links in such mails click on
    the next fraud's as well. There is no place for a password.
    """
    errors: dict[str, str] = {}
    if language not in texts:
        errors["language"] = "Write the text in the language that is used for people whose language nobody knows."
    kept: Texts = {}
    for code, text in texts.items():
        if code not in LANGUAGES:
            errors[code[:10]] = f"Languages are {', '.join(LANGUAGES)}."
            continue
        subject = " ".join(text.get("subject", "").split())
        body = text.get("body", "").replace("\r\n", "\n").replace("\0", "").strip()
        kept[code] = {"subject": subject, "body": body}
        errors |= {f"{code}.{field}": sentence for field, sentence in _wrong(subject, body).items()}
    if errors:
        raise BadInput("The notice was not kept. " + " ".join(errors.values()), errors=errors)
    return kept


def _wrong(subject: str, body: str) -> dict[str, str]:
    errors = {}
    if not 1 <= len(subject) <= LONGEST_SUBJECT or _LINK.search(subject) or _PLACE.search(subject):
        errors["subject"] = f"A subject has 1 to {LONGEST_SUBJECT} characters, no link and nothing in braces."
    if not 1 <= len(body) <= LONGEST_BODY:
        errors["body"] = f"A text has 1 to {LONGEST_BODY} characters."
    elif _LINK.search(body):
        errors["body"] = f"A notice holds no link; it names the page by {PAGE}, and people type the address themselves."
    elif set(_PLACE.findall(body)) != {PAGE}:
        errors["body"] = f"Say where to choose a new password by {PAGE}; nothing else stands in braces."
    return errors


def digest_of(texts: Mapping[str, Mapping[str, str]], *, language: str) -> str:
    """Return the SHA-256 (hex) of the texts and the language of last resort: what somebody approves."""
    record: dict[str, JSON] = {"language": language, "texts": {code: dict(text) for code, text in texts.items()}}
    return hashlib.sha256(canonical(record)).hexdigest()


def typed_address() -> str:
    """Return the address of the reset page as people type it: without a scheme, so that it is read and not clicked."""
    parts = urlsplit(settings.PUBLIC_URL)
    return f"{parts.netloc}{parts.path.rstrip('/')}/reset"
