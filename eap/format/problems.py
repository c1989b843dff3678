"""What is wrong with a plan, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Path = tuple[str | int, ...]
"""Where in the document: ("steps", 3, "needs", 0)."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to mend. `line` and `column` count from 1; 0 where there is no text (a document built in Python).

    `of_key`: the key is wrong and not what it says. An error keeps a version from being handed in; a warning is shown
    to the writer and to the reviewer.
    """

    line: int = 0
    column: int = 0
    sentence: str
    level: Literal["error", "warning"] = "error"
    path: Path = ()
    of_key: bool = False

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.level}: {self.sentence}"


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Return those that must be mended."""
    return [problem for problem in problems if problem.level == "error"]


def warnings(problems: Iterable[Problem]) -> list[Problem]:
    """Return those that somebody should look at."""
    return [problem for problem in problems if problem.level == "warning"]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean "needs"?" for a word close to a known one; else what there is to choose from, if short."""
    choices = sorted(set(known))
    close = get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f' Did you mean "{close[0]}"?'
    if 0 < len(choices) <= 12:
        return f" There is: {', '.join(choices)}."
    return ""
