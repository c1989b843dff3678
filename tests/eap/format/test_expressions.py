"""Conditions: what they come to, what is said about wrong ones, and what never gets through."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eap.format.expressions import Fact, Senseless, check, holds, value

NAMES = {
    "inputs.host": Fact("text"),
    "inputs.count": Fact("number"),
    "inputs.machines": Fact("list"),
    "inputs.from": Fact("moment"),
    "steps.choose.choice": Fact("text", frozenset({"restore", "rebuild"})),
    "steps.restore.*": Fact(),
    "run.drill": Fact("boolean"),
}
VALUES: dict[str, Any] = {
    "inputs": {
        "host": "web-1",
        "count": 4,
        "machines": ["web-1", "web-2"],
        "from": datetime(2026, 11, 22, tzinfo=UTC),
        "secret": {"a": "b"},
    },
    "steps": {"choose": {"choice": "restore"}, "restore": {"rows": 5_000, "rest": 0.5}},
    "run": {"drill": False},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('inputs.host == "web-1"', True),
        ("inputs.host == 'web-2'", False),
        ("inputs.count > 3 and not run.drill", True),
        ("inputs.count * 2 - 1 >= 7", True),
        ('inputs.host in ["web-1", "web-3"]', True),
        ('"web-2" in inputs.machines', True),
        ('"web" in inputs.host', True),
        ("steps.restore.rows == 5000 or steps.restore.rows == 1", True),
        ("steps.restore.rest < 1", True),
        ("steps.restore.missing == null", True),
        ("(steps.restore.missing ?? 0) > 3", False),
        ("run.drill ? false : true", True),
        ("inputs.count == -4", False),
        ("inputs == null", True),
        ("inputs.secret == null", True),
    ],
)
def test_a_condition_holds_or_not(text: str, expected: bool) -> None:
    assert holds(text, VALUES) is expected


def test_a_value_can_be_chosen() -> None:
    assert value('inputs.count > 3 ? "rebuild" : "restore"', VALUES) == "rebuild"


def test_what_has_no_order_is_refused_when_it_is_asked() -> None:
    with pytest.raises(Senseless, match="can't be worked out"):
        holds("steps.restore.missing > 3", VALUES)
    with pytest.raises(Senseless, match="true or false"):
        holds("inputs.count", VALUES)
    with pytest.raises(Senseless):
        value("inputs.count / 0", VALUES)


@pytest.mark.parametrize(
    ("text", "column", "sentence"),
    [
        ('inputs.hots == "a"', 0, 'Nothing is called "inputs.hots". Did you mean "inputs.host"?'),
        ('run.drill and steps.choose.chioce == "restore"', 14, 'Nothing is called "steps.choose.chioce".'),
        ('inputs.host = "a"', 12, 'Compare with "==" or "!=".'),
        ("inputs.host == ", 15, "This condition is not complete or has a word too many."),
        ('inputs.count > "x"', 0, "Here things of different kinds are put in order or calculated with"),
        ("inputs.host == 3", 0, "Text is compared with a number; they are never equal."),
        ('steps.choose.choice == "wait"', 0, '"steps.choose.choice" is never "wait". There is: rebuild, restore.'),
        ('steps.choose.choice in ["restore", "wait"]', 0, '"steps.choose.choice" is never "wait".'),
        ("inputs.count", 0, "This gives a number; here it has to give true or false."),
        ("len(inputs.host) > 3", 0, '"len" is not a function; conditions have none.'),
        ("inputs.host =~ 'w.*'", 12, 'Compare with "==" or "!=".'),
        ("$now == 3", 0, "'$' means nothing in a condition."),
        ("9 ** 9 == 1", 3, "** means nothing in a condition."),
        ("{1: 2} == 3", 0, "'{' means nothing in a condition."),
        ('"a\\" == inputs.host', 0, "'\"' means nothing in a condition."),
        ("9999999999999999 > inputs.count", 0, "Numbers have at most 15 digits."),
        ("(" * 21 + "run.drill" + ")" * 21, 20, "Brackets may be 20 deep, not more."),
        ("run.drill or " * 60 + "run.drill", 0, "This condition is too long"),
    ],
)
def test_a_wrong_condition_is_told_where_and_why(text: str, column: int, sentence: str) -> None:
    (problem,) = check(text, NAMES)
    assert problem.column == column
    assert problem.sentence.startswith(sentence)


def test_a_right_one_has_nothing_wrong() -> None:
    right = 'inputs.count > 3 and steps.choose.choice == "restore" and steps.restore.rows >= 1 and not run.drill'
    assert check(right, NAMES) == []
    assert check('run.drill ? "a" : "b"', NAMES, yields="text") == []
    assert check("run.drill", NAMES, yields="text") != []


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "inputs.host.__class__",
        "inputs.__class__.__mro__",
        "().__class__",
        "[x for x in inputs.machines]",
        "inputs.host.as_upper.encode",
        "inputs.machines[0].__init__",
    ],
)
def test_nothing_of_python_is_reached(text: str) -> None:
    try:
        found = value(text, VALUES)
    except Senseless:
        return
    assert found is None


@given(st.text(alphabet="inputs.count ()[]<>=!+-*/?:,\"'and or not 0123456789_", max_size=120))
def test_no_text_breaks_it_or_takes_long(text: str) -> None:
    began = time.process_time()
    check(text, NAMES)
    try:
        found = value(text, VALUES)
    except Senseless:
        found = None
    assert not isinstance(found, dict)
    assert time.process_time() - began < 2
