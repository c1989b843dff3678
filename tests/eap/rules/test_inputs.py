"""What a run is told is checked as its plan asks, a sentence for each field."""

from __future__ import annotations

import time
from typing import Any

import pytest

from eap.format.document import Input
from eap.rules.inputs import checked_inputs


def one(type_: str, given: Any, **more: Any) -> Any:
    """Return what one input becomes, or the sentence that refuses it."""
    asked = {"it": Input.model_validate({"type": type_, "title": "It", **more})}
    found = checked_inputs(asked, {} if given is ... else {"it": given})
    if found.errors:
        return found.errors["it"]
    return found.secret["it"] if type_ == "secret" else found.plain["it"]


@pytest.mark.parametrize("pattern", ["(a+)+b", "^(a|a)*$", "(a*)*(a*)*c"])
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    began = time.monotonic()
    assert "does not have the form" in one("text", "a" * 5_000 + "!", pattern=pattern)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("type_", "given", "found"),
    [
        ("text", " web1 ", "web1"),
        ("text", 5, "5"),
        ("number", "12", 12),
        ("number", "1.5", 1.5),
        ("number", 2.0, 2),
        ("boolean", "yes", True),
        ("boolean", False, False),
        ("boolean", ..., False),
        ("date", "2026-11-22", "2026-11-22"),
        ("datetime", "2026-11-22T04:00+01:00", "2026-11-22T03:00:00+00:00"),
        ("hosts", "web1, web2 web1", ["web1", "web2"]),
        ("hosts", ["web1"], ["web1"]),
        ("secret", "hunter22", "hunter22"),
    ],
)
def test_what_is_taken(type_: str, given: Any, found: Any) -> None:
    assert one(type_, given) == found


@pytest.mark.parametrize(
    ("type_", "given", "more", "sentence"),
    [
        ("text", ..., {}, "It is needed."),
        ("text", "", {}, "It is needed."),
        ("text", ["a"], {}, "It: write a text."),
        ("text", "web 1", {"pattern": "[a-z0-9]+"}, "does not have the form that is asked for"),
        ("number", "many", {}, "“many” is not a number"),
        ("number", True, {}, "is not a number"),
        ("number", 0, {"minimum": 1}, "It: at least 1."),
        ("number", 11, {"maximum": 10}, "It: at most 10."),
        ("boolean", "maybe", {}, "say true or false"),
        ("date", "tomorrow", {}, "write a date such as"),
        ("datetime", "2026-11-22T04:00", {}, "say the offset too"),
        ("choice", "c", {"options": ["a", "b"]}, "choose one of a, b."),
        ("secret", "abc", {}, "at least 6 characters"),
        ("hosts", " , ", {}, "name a host or a group"),
    ],
)
def test_what_is_refused(type_: str, given: Any, more: dict[str, Any], sentence: str) -> None:
    assert sentence in str(one(type_, given, **more))


def test_defaults_are_filled_in_and_unknown_names_refused() -> None:
    asked = {"size": Input.model_validate({"type": "number", "title": "Size", "default": 3})}
    assert checked_inputs(asked, {}).plain == {"size": 3}
    assert checked_inputs(asked, {"siez": 4}).errors == {"siez": "This plan has no input 'siez'."}


def test_a_refused_secret_is_not_repeated_in_the_sentence() -> None:
    assert "hunter22" not in str(one("secret", "hunter22", pattern="[0-9]+"))
