"""What of a tool's JSON is what: the mapping of one webhook key, as people set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from intake.rules.parsed import SEVERITIES
from intake.rules.paths import pieces_of

PATTERN_LENGTH: Final = 500
MOST_WORDS: Final = 50
WORD_LENGTH: Final = 100
PATTERNS: Final = ("summary", "dedup_key", "state", "severity", "source", "service", "link")
WORDS: Final = ("resolved_words", "acknowledged_words", "ignored_words")


@dataclass(frozen=True, kw_only=True)
class WebhookMapping:
    """Patterns (see `paths.filled`) by what they find; "" is looked for under the usual names.

    `each` is the path of a list of events in one body. The words are values of the state, in lower case, besides those
    that everybody uses; an event whose state is ignored is kept and opens nothing. `severity_words` maps a tool's own
    words to critical, error, warning or info.
    """

    each: str = ""
    summary: str = ""
    dedup_key: str = ""
    state: str = ""
    severity: str = ""
    source: str = ""
    service: str = ""
    link: str = ""
    resolved_words: tuple[str, ...] = ()
    acknowledged_words: tuple[str, ...] = ()
    ignored_words: tuple[str, ...] = ()
    severity_words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any]) -> WebhookMapping:
        """Return the mapping that `as_stored` wrote; what an other version wrote besides is left out."""
        given: dict[str, Any] = {each.name: stored[each.name] for each in fields(cls) if each.name in stored}
        given |= {name: tuple(given[name]) for name in WORDS if name in given}
        return cls(**given)

    def over(self, other: WebhookMapping) -> WebhookMapping:
        """Return this mapping with what it leaves open from another one: the words for states go with their state."""
        taken = other.as_stored()
        if self.state:
            taken = {name: value for name, value in taken.items() if name not in WORDS}
        return self.of_stored(taken | self.as_stored())

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON, without what is not set."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        plain = {name: list(value) if name in WORDS else value for name, value in found.items()}
        return {name: dict(value) if name == "severity_words" else value for name, value in plain.items() if value}


def faults_of_mapping(mapping: WebhookMapping) -> dict[str, str]:
    """Return what is wrong, a sentence by the name of its part; empty when it can be followed."""
    errors: dict[str, str] = {}
    for name in (*PATTERNS, "each"):
        fault = _fault_of_pattern(getattr(mapping, name), only_path=name == "each")
        if fault:
            errors[name] = fault
    for name in WORDS:
        words = getattr(mapping, name)
        if len(words) > MOST_WORDS or any(not 0 < len(word) <= WORD_LENGTH for word in words):
            errors[name] = f"At most {MOST_WORDS} words of at most {WORD_LENGTH} characters."
    twice = _said_twice(mapping)
    if twice:
        errors.setdefault("ignored_words", f"“{twice}” can't mean two things.")
    unknown = [word for word, severity in mapping.severity_words.items() if not word or severity not in SEVERITIES]
    if unknown or len(mapping.severity_words) > MOST_WORDS:
        errors["severity_words"] = f"Say word=severity, and for the severity one of {', '.join(SEVERITIES)}."
    return errors


def _fault_of_pattern(pattern: str, *, only_path: bool) -> str:
    if not pattern:
        return ""
    if len(pattern) > PATTERN_LENGTH:
        return f"At most {PATTERN_LENGTH} characters."
    try:
        pieces = pieces_of(pattern)
    except ValueError as error:
        return str(error)
    if only_path and pieces != ((True, pattern),):
        return "Give the path of the list, without braces or quotes."
    return ""


def _said_twice(mapping: WebhookMapping) -> str:
    seen: set[str] = set()
    for name in WORDS:
        words = set(getattr(mapping, name))
        if seen & words:
            return min(seen & words)
        seen |= words
    return ""
