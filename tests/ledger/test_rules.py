"""The canonical form and the hash: tables, and one chain computed by hand."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import (
    GENESIS,
    Link,
    Record,
    UnfitForLedger,
    break_of,
    canonical,
    check_names,
    microseconds,
    personal_digest,
)

FIRST = Record(
    subject="incident:1",
    seq=1,
    at_us=1_790_000_000_000_000,
    actor_kind="person",
    actor_id="ada",
    actor_name="Ada Ångström",
    actor_via="web",
    verb="declared",
    payload={"title": "Mail is down", "severity": 1},
    personal_digest="",
    previous=GENESIS,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1, "1"),
        (-(2**53) + 1, "-9007199254740991"),
        ("", '""'),
        ('a"b\\c/d', '"a\\"b\\\\c/d"'),
        ("\b\t\n\f\r\x0b\x1f\x7f", '"\\b\\t\\n\\f\\r\\u000b\\u001f\x7f"'),
        ("é€😀", '"é€😀"'),
        ([], "[]"),
        ({"b": 1, "a": [True, {"d": None, "c": ""}]}, '{"a":[true,{"c":"","d":null}],"b":1}'),
        # RFC 8785 section 3.2.3: keys in the order of UTF-16 code units, where an emoji comes before U+FB33.
        ({"\ufb33": 1, "😀": 2, "€": 3, "\r": 4, "1": 5}, '{"\\r":4,"1":5,"€":3,"😀":2,"\ufb33":1}'),
    ],
)
def test_canonical_form(value: object, text: str) -> None:
    assert canonical(value) == text.encode()


@pytest.mark.parametrize(
    "value", [1.0, 2**53, b"x", {1: "x"}, {"a": {1, 2}}, ["a\0b"], "\ud800", {"\0": 1}, datetime.now(UTC)]
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(UnfitForLedger):
        canonical(value)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4
            )
        ),
        max_leaves=20,
    ),
)
def test_the_canonical_form_says_the_same_and_only_once(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_the_hash_is_that_of_the_documented_bytes() -> None:
    documented = (
        '{"actor":{"id":"ada","kind":"person","name":"Ada Ångström","via":"web"},"at":1790000000000000,'
        '"payload":{"severity":1,"title":"Mail is down"},"personal":"","previous":"' + "0" * 64 + '",'
        '"seq":1,"subject":"incident:1","v":1,"verb":"declared"}'
    )
    assert FIRST.hash() == hashlib.sha256(documented.encode()).hexdigest()


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "incident:2"},
        {"seq": 2},
        {"at_us": FIRST.at_us + 1},
        {"actor_kind": "token"},
        {"actor_id": "vic"},
        {"actor_name": "Ada"},
        {"actor_via": "api"},
        {"verb": "declined"},
        {"payload": {"title": "Mail is down", "severity": 2}},
        {"payload": {"title": "Mail is down", "severity": "1"}},
        {"payload": {"title": "Mail is down", "severity": True}},
        {"personal_digest": "0" * 64},
        {"previous": "1" * 64},
    ],
)
def test_every_field_changes_the_hash(changed: dict[str, object]) -> None:
    fields = {name: getattr(FIRST, name) for name in Record.__slots__} | changed
    assert Record(**fields).hash() != FIRST.hash()


def test_time_counts_in_microseconds_whatever_the_zone() -> None:
    at = datetime(2026, 11, 22, 6, 0, 0, 1, tzinfo=UTC)
    assert microseconds(at) == 1_795_327_200_000_001
    assert microseconds(at.astimezone(timezone(timedelta(hours=5, minutes=45)))) == microseconds(at)
    with pytest.raises(UnfitForLedger):
        microseconds(at.replace(tzinfo=None))


def test_the_personal_digest_needs_the_salt() -> None:
    one, other = (personal_digest(salt=salt * 16, text="Ada was ill") for salt in ("00", "01"))
    assert one == hashlib.sha256(bytes(16) + b"Ada was ill").hexdigest()
    assert one != other


@pytest.mark.parametrize(
    ("record", "stored", "after", "reason"),
    [
        (FIRST, FIRST.hash(), Link(), ""),
        (FIRST, FIRST.hash(), Link(seq=1, hash=GENESIS), "used twice"),
        (FIRST, "0" * 64, Link(), "does not match"),
        (
            Record(**{name: getattr(FIRST, name) for name in Record.__slots__} | {"seq": 3}),
            "",
            Link(seq=1),
            "entry 2 is missing",
        ),
        (
            Record(**{name: getattr(FIRST, name) for name in Record.__slots__} | {"payload": 0.5}),
            "",
            Link(),
            "no canonical form",
        ),
    ],
)
def test_a_break_is_named(record: Record, stored: str, after: Link, reason: str) -> None:
    found = break_of(record, stored_hash=stored, after=after)
    assert reason in found
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("subject", "verb"),
    [
        ("incident", "noted"),
        ("incident:", "noted"),
        ("Incident:1", "noted"),
        ("incident:1 2", "noted"),
        ("incident:1", "Noted"),
        ("incident:1", ""),
        ("incident:1", "page."),
        ("incident:1", ".paged"),
        ("incident:1", "a" * 32),
    ],
)
def test_names_of_the_wrong_shape_are_refused(subject: str, verb: str) -> None:
    with pytest.raises(UnfitForLedger):
        check_names(subject=subject, verb=verb)


@pytest.mark.parametrize("subject", ["incident:0f6c", "settings:people", "page:A-1_b.c"])
@pytest.mark.parametrize("verb", ["declared", "page.acknowledged", "a" * 31 + "." + "b" * 31])
def test_names_of_the_right_shape_pass(subject: str, verb: str) -> None:
    check_names(subject=subject, verb=verb)
