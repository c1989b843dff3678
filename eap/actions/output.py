"""What a program writes: into the log line by line, and the facts it states."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

MOST_LINES: Final = 20_000
LONGEST_LINE: Final = 2_000
"""One target's share of a run's log. What is beyond is counted and said, and stays on the host."""
_FACT: Final = re.compile(r"^fact:([a-z][a-z0-9_]{0,59})=(.{0,500})$")


class Output:
    """Takes a program's lines: `fact:name=value` states a fact for later steps, the others go to the log.

    `last` is the last line that said something.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._count = 0
        self.last = ""
        self.facts: dict[str, str | int | bool] = {}

    def take(self, line: str) -> None:
        """Take one line without its end."""
        line = line.rstrip("\r\n").replace("\0", " ")
        if found := _FACT.match(line):
            self.facts[found[1]] = _typed(found[2].strip())
            return
        if not line.strip():
            return
        self.last = line[:LONGEST_LINE]
        self._count += 1
        if self._count <= MOST_LINES:
            self._say(self.last)
        elif self._count == MOST_LINES + 1:
            self._say(f"More than {MOST_LINES} lines; the rest is left out here.")


def _typed(text: str) -> str | int | bool:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else text
