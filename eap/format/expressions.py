"""Conditions in plans: `inputs.hosts_left > 0 and steps.choose.choice == "restore"`.

A small part of the rule-engine library's language. The text is cut into words here first, and only words on the list
below go on: no functions, no regular expressions, no powers, no attributes of Python objects. Each dotted name becomes
one plain symbol, so the library never sees anything but text, numbers, booleans, moments, lists of them, and nothing.
Length, words and depth are bounded, so a condition takes no more than a moment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from eap.format.problems import Problem, nearest

if TYPE_CHECKING:
    from rule_engine import Rule

MOST_CHARACTERS: Final = 500
MOST_WORDS: Final = 150
DEEPEST: Final = 20
MOST_DIGITS: Final = 15
_WORD: Final = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      | (?P<sign>==|!=|<=|>=|\?\?|[<>()\[\],?:+\-*/=!])""",
    re.VERBOSE,
)
_UNFIT: Final = {
    "data type mismatch": "Here things of different kinds are put in order or calculated with; that never works.",
}
_SPELLED: Final = frozenset({"and", "or", "not", "in", "true", "false", "null"})


@dataclass(frozen=True)
class Fact:
    """What a name stands for: its kind, and the only values it can have, where they are known."""

    kind: Literal["text", "number", "boolean", "moment", "list", "any"] = "any"
    values: frozenset[str] = frozenset()


Names = Mapping[str, Fact]
"""Dotted names ("inputs.host") and what they stand for. "steps.restore.*" allows any fact of that step."""


class Senseless(Exception):
    """The condition can't be read, or its value can't be found. `sentence` says why, `column` where (from 0)."""

    def __init__(self, sentence: str, column: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.column = column


@dataclass(frozen=True)
class Word:
    """One word of a condition and where it stands."""

    kind: str
    text: str
    column: int


def words(text: str) -> list[Word]:
    """Cut a condition into words. Raises `Senseless` for what is not on the list and for what is too long or deep."""
    if len(text) > MOST_CHARACTERS:
        raise Senseless(f"This condition is too long: at most {MOST_CHARACTERS} characters.")
    found: list[Word] = []
    at = depth = 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise Senseless(f"{text[at]!r} means nothing in a condition.", at)
        kind, word = str(match.lastgroup), match.group()
        if kind != "space":
            depth = _depth(word, depth, at)
            _fit(kind, word, found, at)
            found.append(Word(kind, word, at))
        at = match.end()
    if len(found) > MOST_WORDS:
        raise Senseless(f"This condition is too long: at most {MOST_WORDS} words and signs.")
    return found


def _depth(word: str, depth: int, at: int) -> int:
    if word in ("(", "["):
        depth += 1
    if word in (")", "]"):
        depth -= 1
    if depth > DEEPEST:
        raise Senseless(f"Brackets may be {DEEPEST} deep, not more.", at)
    return depth


def _fit(kind: str, word: str, before: list[Word], at: int) -> None:
    last = before[-1] if before else None
    if kind == "number" and len(word) > MOST_DIGITS:
        raise Senseless(f"Numbers have at most {MOST_DIGITS} digits.", at)
    if word == "(" and last is not None and last.kind == "name" and last.text not in _SPELLED:
        raise Senseless(f'"{last.text}" is not a function; conditions have none.', last.column)
    if word in ("*", "/") and last is not None and last.text == word:
        raise Senseless(f"{word * 2} means nothing in a condition.", at)
    if word in ("=", "!"):
        raise Senseless('Compare with "==" or "!=".', at)


def used(text: str) -> list[Word]:
    """Return the dotted names a condition uses, in their order."""
    return [word for word in words(text) if word.kind == "name" and word.text not in _SPELLED]


def holds(text: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds. See `value`; anything but true and false raises `Senseless`."""
    result = value(text, values)
    if not isinstance(result, bool):
        raise Senseless(f"This condition gives {result!r} and not true or false.")
    return result


def value(text: str, values: Mapping[str, Any]) -> Any:
    """Return what a condition comes to with `values`: mappings in mappings, {"inputs": {"host": "a"}}.

    A name without a value is null; null equals nothing but null, and to order or to calculate with it is `Senseless`.
    """
    from rule_engine.errors import EngineError

    rule, symbols = _compiled(text)
    try:
        return rule.evaluate({symbol: _look_up(name, values) for name, symbol in symbols})
    except EngineError as error:
        raise Senseless(f"This condition can't be worked out: {error.message}.") from error
    except (ArithmeticError, TypeError, ValueError) as error:
        raise Senseless(f"This condition can't be worked out: {error}.") from error


def _look_up(name: str, values: Mapping[str, Any]) -> Any:
    found: Any = values
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    if isinstance(found, list | tuple):
        return tuple(_plain(item) for item in found)
    return _plain(found)


def _plain(found: Any) -> Any:
    """Return text, a number, a boolean or a moment as itself, and null for everything else."""
    if isinstance(found, str):
        return str(found)
    return found if isinstance(found, bool | int | float | datetime) else None


@lru_cache(maxsize=4_096)
def _compiled(text: str) -> tuple[Rule, tuple[tuple[str, str], ...]]:
    """Return the rule of a condition, and which symbol stands for which name. Untyped: any name may be null."""
    return compiled(text, {})


def compiled(text: str, names: Names) -> tuple[Rule, tuple[tuple[str, str], ...]]:
    """Return the library's rule for a condition, typed by `names`, and which symbol stands for which name."""
    from rule_engine import Context, Rule
    from rule_engine.errors import EngineError, RuleSyntaxError

    symbols: dict[str, str] = {}
    spelled = []
    for word in words(text):
        if word.kind == "name" and word.text not in _SPELLED:
            spelled.append(symbols.setdefault(word.text, f"n{len(symbols)}"))
        else:
            spelled.append(word.text)
    types = _types({symbol: fact_of(name, names) for name, symbol in symbols.items()})
    try:
        rule = Rule(" ".join(spelled), Context(type_resolver=types, default_timezone=UTC))
    except RuleSyntaxError as error:
        raise Senseless(
            "This condition is not complete or has a word too many.", _place(text, spelled, error)
        ) from error
    except EngineError as error:
        raise Senseless(_UNFIT.get(error.message, f"This condition does not fit together: {error.message}.")) from error
    except (ArithmeticError, TypeError, ValueError) as error:
        raise Senseless(f"This condition does not fit together: {error}.") from error
    return rule, tuple(symbols.items())


def fact_of(name: str, names: Names) -> Fact | None:
    """Return what a name stands for, None for one nobody knows."""
    return names.get(name) or names.get(f"{name.rpartition('.')[0]}.*")


def _types(facts: Mapping[str, Fact | None]) -> dict[str, Any]:
    from rule_engine import DataType

    kinds = {
        "text": DataType.STRING,
        "number": DataType.FLOAT,
        "boolean": DataType.BOOLEAN,
        "moment": DataType.DATETIME,
        "list": DataType.ARRAY,
        "any": DataType.UNDEFINED,
    }
    return {symbol: kinds[fact.kind if fact else "any"] for symbol, fact in facts.items()}


def _place(text: str, spelled: list[str], error: Any) -> int:
    """Return the column in `text` of the word at which the library stumbled."""
    if error.token is None:
        return len(text)
    at = 0
    for word, ours in zip(words(text), spelled, strict=True):
        if at >= error.token.lexpos:
            return word.column
        at += len(ours) + 1
    return len(text)


def check(text: str, names: Names, *, yields: Literal["boolean", "text"] = "boolean") -> list[Problem]:
    """Return what is wrong with a condition, each `column` counted from 0 within `text`.

    Names must be known, what is compared must be comparable, a literal must be one that the name can have, and the
    whole must come to `yields`.
    """
    from eap.format.comparable import impossible, mismatches

    never: list[str] = []
    try:
        unknown = [word for word in used(text) if fact_of(word.text, names) is None]
        if unknown:
            spelled = [name for name in names if not name.endswith("*")]
            return [
                Problem(column=word.column, sentence=f'Nothing is called "{word.text}".{nearest(word.text, spelled)}')
                for word in unknown
            ]
        rule, symbols = _compiled(text)
        facts = {symbol: (name, fact_of(name, names) or Fact()) for name, symbol in symbols}
        never = list(impossible(rule, facts))
        rule, _ = compiled(text, names)
        never += mismatches(rule, yields)
    except Senseless as senseless:
        return [*map(_said, never), Problem(column=senseless.column, sentence=senseless.sentence)]
    return [*map(_said, never)]


def _said(sentence: str) -> Problem:
    return Problem(sentence=sentence)


def name_at(text: str, column: int) -> str:
    """Return the dotted name that begins at `column`, "" when none does."""
    try:
        return next((word.text for word in used(text) if word.column == column), "")
    except Senseless:
        return ""
