"""Secrets written out in a plan, where everybody who may read plans reads them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from eap.format.document import Document
from eap.format.problems import Path, Problem

_NAMED: Final = re.compile(
    r"(?i)(pass(word|phrase|wd)?|secret|token|api[_-]?key|private[_-]?key|credential|authori[sz]ation)$"
)
_KNOWN: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\bAKIA[0-9A-Z]{16}\b"), "an access key of AWS"),
    (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"), "a token of GitHub"),
    (re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b"), "a token of GitLab"),
    (re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"), "a token of Slack"),
    (re.compile(r"\bsk_live_[A-Za-z0-9]{16,}\b"), "a key of Stripe"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"), "a signed token (JWT)"),
    (re.compile(r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9+/_=.-]{16,}"), "a header that lets somebody in"),
    (re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@{}]+:[^/\s:@{}]+@"), "a password in an address"),
    (re.compile(r"\$(?:2[aby]|5|6|y|argon2id?)\$[./A-Za-z0-9$=,+]{20,}"), "a password's hash"),
)
_LOOSE: Final = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
RANDOM_BITS: Final = 4.0
"""Shannon entropy a character from which a long word looks drawn and not written: English stays below 3.6, hex digits
reach 4.0 at most, base64 goes to 6.0."""
_PLACED: Final = re.compile(r"\{(?:secrets|inputs|steps|target|run|incident)\.[a-z0-9_.]+\}")


def secrets_in_clear(document: Document) -> Iterator[Problem]:
    """Warn of every text that looks like a secret. `{secrets.name}` is how a plan refers to one."""
    for path, key, text in _texts(document.model_dump(mode="json", by_alias=True), ()):
        what = _looks_like(key, text)
        if what:
            sentence = f"This looks like {what}. Keep it among the secrets and write {{secrets.name}} here."
            yield Problem(sentence=sentence, level="warning", path=path)


def _looks_like(key: str, text: str) -> str:
    """Return what the text looks like, "" when like nothing that must be kept."""
    for pattern, what in _KNOWN:
        if pattern.search(text):
            return what
    bare = _PLACED.sub("", text).strip()
    if _NAMED.search(key) and bare and "{secrets." not in text:
        return f'the value of "{key}"'
    if any(_entropy(word) > RANDOM_BITS and _mixed(word) for word in _LOOSE.findall(bare)):
        return "a secret: long and drawn at random"
    return ""


def _mixed(word: str) -> bool:
    """Tell whether the word mixes digits with large and small letters, as addresses and plain words don't."""
    return all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", "[0-9]"))


def _entropy(word: str) -> float:
    """Return Shannon's entropy of the characters, in bits for each."""
    counts = Counter(word).values()
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts)


def _texts(value: Any, path: Path, key: str = "") -> Iterator[tuple[Path, str, str]]:
    if isinstance(value, str):
        yield path, key, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(each, (*path, name), str(name))
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _texts(each, (*path, number), key)
