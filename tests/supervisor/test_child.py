"""When a child that died is started again."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from supervisor.child import Child, Command, how_it_ended, pause_before_restart

COMMAND = Command(name="web", kind="web", argv=[sys.executable, "-c", "pass"], env={}, cwd=Path("/"))


@pytest.mark.parametrize(
    ("failures", "pause_s"), [(1, 0.1), (2, 0.2), (3, 0.4), (7, 6.4), (8, 10.0), (9, 10.0), (500, 10.0)]
)
def test_the_pause_doubles_up_to_ten_seconds(failures: int, pause_s: float) -> None:
    assert pause_before_restart(failures=failures) == pytest.approx(pause_s)


def test_a_child_that_lived_a_minute_starts_with_the_first_pause_again() -> None:
    child = Child(command=COMMAND, started_at=100.0, failures=6)
    assert child.ended(now=159.9) == pytest.approx(6.4)
    child.started_at = 170.0
    assert child.ended(now=230.0) == pytest.approx(0.1)
    assert child.due_at == pytest.approx(230.1)


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with 0"), (3, "ended with 3"), (-signal.SIGKILL, "was killed by SIGKILL"), (-999, "by signal 999")],
)
def test_an_end_is_told_in_words(code: int, words: str) -> None:
    assert words in how_it_ended(code)
