"""How an entry becomes a hash, and how a chain is checked; pure.

The bytes that are hashed are the record below as JSON canonicalised by RFC 8785 (JCS): UTF-8, no white space, the keys
of each object in the order of their UTF-16 code units, strings with the shortest escapes. Numbers are whole and within
±(2^53 - 1), where JCS and decimal notation agree; fractions are refused, because their notation differs by language.

    {"actor": {"id", "kind", "name", "via"}, "at": <microseconds since 1970-01-01T00:00Z>, "payload": ...,
     "personal": <hex digest, or "">, "previous": <hex hash>, "seq": n, "subject": "...", "v": 1, "verb": "..."}

The hash is SHA-256, in hex. The first entry of a subject follows `GENESIS`. Anybody can recompute a chain from that.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

JSON: TypeAlias = "bool | int | str | Sequence[JSON] | Mapping[str, JSON] | None"

GENESIS: Final = "0" * 64
VERSION: Final = 1
LARGEST_NUMBER: Final = 2**53 - 1  # RFC 7493 (I-JSON) section 2.2, which RFC 8785 builds on
SUBJECT: Final = re.compile(r"[a-z][a-z_]*:[A-Za-z0-9._-]{1,100}")
VERB: Final = re.compile(r"[a-z][a-z0-9_]{0,30}(\.[a-z][a-z0-9_]{0,30})?")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class UnfitForLedger(ValueError):
    """What was to be recorded has no canonical form, or a name of the wrong shape."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """All of an entry that its hash covers. `at_us` is microseconds since 1970-01-01T00:00Z."""

    subject: str
    seq: int
    at_us: int
    actor_kind: str
    actor_id: str
    actor_name: str
    actor_via: str
    verb: str
    payload: JSON
    personal_digest: str
    previous: str

    def hash(self) -> str:
        """Return the record's SHA-256 in hex; raise `UnfitForLedger` where a field has no canonical form."""
        return hashlib.sha256(
            canonical(
                {
                    "actor": {
                        "id": self.actor_id,
                        "kind": self.actor_kind,
                        "name": self.actor_name,
                        "via": self.actor_via,
                    },
                    "at": self.at_us,
                    "payload": self.payload,
                    "personal": self.personal_digest,
                    "previous": self.previous,
                    "seq": self.seq,
                    "subject": self.subject,
                    "v": VERSION,
                    "verb": self.verb,
                },
            ),
        ).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Where a chain stands: the last entry's number and hash (0 and `GENESIS` before the first)."""

    seq: int = 0
    hash: str = GENESIS


def canonical(value: object) -> bytes:
    """Return `value` as RFC 8785 JSON; raise `UnfitForLedger` for what has no such form or PostgreSQL cannot hold."""
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise UnfitForLedger(f"The ledger keeps whole characters only: {error}") from None


def _ordered(value: object) -> object:
    match value:
        case None | bool():
            return value
        case str():
            if "\0" in value:
                raise UnfitForLedger("The ledger keeps no NUL characters; PostgreSQL cannot store them.")
            return value
        case int():
            if abs(value) > LARGEST_NUMBER:
                raise UnfitForLedger(f"The ledger keeps whole numbers up to 2^53 - 1, not {value}.")
            return value
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise UnfitForLedger("The ledger keeps objects with text keys only.")
            return {_ordered(key): _ordered(value[key]) for key in sorted(value, key=_utf16)}
        case list() | tuple():
            return [_ordered(item) for item in value]
    raise UnfitForLedger(
        f"The ledger keeps text, whole numbers, booleans, lists and objects, not {type(value).__name__}."
    )


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def microseconds(at: datetime) -> int:
    """Return `at` as microseconds since 1970-01-01T00:00Z, exactly; a time without a zone is refused."""
    if at.tzinfo is None:
        raise UnfitForLedger("The ledger keeps times with a zone only.")
    return (at - _EPOCH) // _MICROSECOND


def personal_digest(*, salt: str, text: str) -> str:
    """Return the digest that binds a personal text to its entry: SHA-256 of 16 salt bytes (`salt` in hex) and the text.

    Once text and salt are erased, nobody can find the text by guessing.
    """
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def check_names(*, subject: str, verb: str) -> None:
    """Raise `UnfitForLedger` unless `subject` reads like "incident:<id>" and `verb` like "page.acknowledged"."""
    if not SUBJECT.fullmatch(subject):
        raise UnfitForLedger(f"A subject reads like incident:<id> or settings:people, not {subject!r}.")
    if not VERB.fullmatch(verb):
        raise UnfitForLedger(f"A verb reads like page.acknowledged, not {verb!r}.")


def break_of(record: Record, *, stored_hash: str, after: Link) -> str:
    """Tell why `record` does not follow `after` in its chain; "" when it does.

    `record.previous` is to be `after.hash`, so that a change anywhere before shows here at the latest.
    """
    if record.seq != after.seq + 1:
        return f"entry {after.seq + 1} is missing" if record.seq > after.seq + 1 else "the number is used twice"
    try:
        expected = record.hash()
    except UnfitForLedger as error:
        return f"the entry has no canonical form: {error}"
    return "" if stored_hash == expected else "the hash does not match the entry"


def sealed_digest(
    *, subject: str, first_seq: int, last_seq: int, last_hash: str, file: str, digest: str, previous: str
) -> str:
    """Return the hash of a sealed segment: over what stands for its entries, and the segment before (or `GENESIS`)."""
    fields = {
        "digest": digest,
        "file": file,
        "first_seq": first_seq,
        "last_hash": last_hash,
        "last_seq": last_seq,
        "previous": previous,
        "subject": subject,
    }
    return hashlib.sha256(canonical(fields)).hexdigest()


def chained(line: Mapping[str, JSON], *, after: str) -> str:
    """Return the chain value of a line of an anchor file: SHA-256 over the chain value before it and the line."""
    return hashlib.sha256(after.encode() + canonical(line)).hexdigest()
