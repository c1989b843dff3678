"""What went wrong, in a sentence that a person reads; and what the program says while it works."""

from __future__ import annotations

import sys
from contextlib import suppress

FAILED = 1
PASSING = 75
"""Exit statuses: it did not work; trying again may help (EX_TEMPFAIL of sysexits.h)."""


class Trouble(Exception):
    """It did not work. `passing`: trying again may help."""

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.passing = passing


class Refused(Trouble):
    """An archive holds what is never put on a disk, or is not what its manifest says."""


spoken: list[str] = []
"""The last lines that were said, for a heartbeat that hears of a failure."""


def say(line: str) -> None:
    """Write one line of the log, at once."""
    plain = "".join(each if each.isprintable() else "?" for each in line)[:1_000]
    spoken.append(plain)
    del spoken[:-20]
    _write(plain)


def _write(line: str) -> None:
    # Whoever listened may be gone (its process was killed, its line went dead): the work goes on to its end all the
    # same, and the next call finds it done.
    with suppress(OSError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


stated: dict[str, str | int | bool] = {}
"""The facts of this call, for the journal: a step that is called again says them again."""


def state(name: str, value: str | int | bool) -> None:
    """Write one fact for later steps and for the record."""
    stated[name] = value
    text = str(value).lower() if isinstance(value, bool) else str(value)
    plain = "".join(each if each.isprintable() else "?" for each in text)[:500]
    _write(f"fact:{name}={plain}")


def shown(name: str) -> str:
    """Return a file's name as a log line can hold it."""
    plain = "".join(each if each.isprintable() else "?" for each in name)
    return f"“{plain[:120]}{'…' if len(plain) > 120 else ''}”"
