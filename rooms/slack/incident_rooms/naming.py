"""How an incident's channel is named, and its topic; pure."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import Final

from web.errors import BadInput

LONGEST_NAME: Final = 80
"""Slack: lower case letters, digits, hyphens and underscores, at most 80."""
LONGEST_TOPIC: Final = 250
FIELDS: Final = ("number", "slug", "severity", "year")
NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9_-]+")
SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "å": "a"})


def channel_name(
    template: str, *, number: int, title: str, severity: int, year: int, private: bool, again: int = 0
) -> str:
    """Return a channel's name by the template; `again` counts the names that were taken already.

    A private incident's title is not in its channel's name. The suffix stays when a name has to be cut.
    """
    slug = "private" if private else slug_of(title)
    made = template.format(number=number, slug=slug, severity=f"sev{severity}", year=year)
    suffix = f"-{again + 1}" if again else ""
    name = NOT_IN_NAMES.sub("-", made.lower()).strip("-_") or f"inc-{number}"
    return name[: LONGEST_NAME - len(suffix)].strip("-_") + suffix


def slug_of(title: str) -> str:
    """Return a title as part of a name: ASCII, lower case, words by hyphens; "incident" when nothing is left."""
    spelled = title.lower().translate(SPELLED)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return NOT_IN_NAMES.sub("-", plain).strip("-_")[:50].strip("-_") or "incident"


def checked_template(template: str) -> str:
    """Return a template that names every incident differently; raise `BadInput` for any other."""
    text = template.strip()
    sentence = ""
    try:
        used = {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}
    except ValueError:
        used, sentence = set(), "Write it like inc-{number}-{slug}."
    if not sentence and not used <= set(FIELDS):
        sentence = f"Only {', '.join('{' + name + '}' for name in FIELDS)} can stand in it."
    elif not sentence and "number" not in used:
        sentence = "Without {number} two incidents would want the same name."
    elif not sentence and any(
        spec or conversion for _t, name, spec, conversion in string.Formatter().parse(text) if name
    ):
        sentence = "Write the fields plainly, such as {number}."
    if not sentence and len(text) > 60:
        sentence = "Keep it under 60 characters."
    if sentence:
        raise BadInput(sentence, errors={"channel_template": sentence})
    return text
