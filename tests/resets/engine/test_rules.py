"""The rules of resets, as tables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from resets.rules.gates import Standing, may_open
from resets.rules.order import needed_before, why_not
from resets.rules.patience import chunk_size, is_open, pause


def waves(*marks: str) -> list[Standing]:
    """Return waves by a letter each: d done, o open, s open with nothing but dead hosts left, w wanted, g wanted with
    its gate shut, - not wanted."""
    made = []
    for number, mark in enumerate(marks):
        made.append(
            Standing(
                number=number,
                wanted=mark != "-",
                approved=mark != "g",
                is_open=mark in "os",
                is_done=mark == "d",
                left=3 if mark in "os" else 0,
                stuck=3 if mark == "s" else 1 if mark == "o" else 0,
                passed=1 if mark in "ds" else 0,
            )
        )
    return made


@pytest.mark.parametrize(
    ("phase", "marks", "opens"),
    [
        ("lock", "wwwww", [0]),
        ("lock", "owwww", []),
        ("lock", "dwwww", [1]),
        ("lock", "dowww", []),
        ("lock", "ddw--", [2]),
        ("lock", "dd---", []),
        ("lock", "dgwww", []),
        ("lock", "gwwww", [0]),
        ("lock", "swwww", [1]),
        ("lock", "dsoww", []),
        ("lock", "dsdww", [3]),
        ("disable", "wwwww", [0]),
        ("disable", "owwww", []),
        ("disable", "dwwww", [1, 2, 3, 4]),
        ("disable", "dwgww", [1]),
        ("disable", "dowww", [2, 3, 4]),
        ("disable", "ddw--", [2]),
        ("disable", "ddddd", []),
    ],
)
def test_which_waves_open(phase: str, marks: str, opens: list[int]) -> None:
    assert may_open(waves(*marks), phase=phase) == opens


def test_a_wave_of_dead_hosts_alone_holds_the_others_back() -> None:
    stuck = Standing(number=1, wanted=True, approved=True, is_open=True, is_done=False, left=2, stuck=2, passed=0)
    assert may_open([*waves("d"), stuck, *waves("w", "w", "w")[2:]], phase="lock") == []


@pytest.mark.parametrize(
    ("phase", "mode", "seals", "needed"),
    [
        ("seal", "self_set", True, ()),
        ("disable", "self_set", True, ()),
        ("lock", "self_set", False, ("disable",)),
        ("rotate", "scramble", True, ("seal", "disable")),
        ("revoke", "self_set", False, ("disable", "lock")),
        ("revoke", "scramble", False, ("disable", "rotate")),
        ("enable", "self_set", True, ("lock", "revoke")),
        ("enable", "scramble", False, ("rotate", "revoke")),
    ],
)
def test_what_comes_before_what(phase: str, mode: str, seals: bool, needed: tuple[str, ...]) -> None:
    assert needed_before(phase, mode=mode, seals=seals) == needed


def test_the_refusal_says_what_is_missing() -> None:
    done = {"disable": 1}
    assert why_not("lock", through=1, mode="self_set", seals=False, done=done) == ""
    assert why_not("lock", through=2, mode="self_set", seals=False, done=done) == (
        "“lock” comes after “disable”, which is done through wave 1 only; wave 2 was asked for."
    )
    assert "which has not begun" in why_not("lock", through=0, mode="self_set", seals=True, done=done)


def test_pauses_grow_to_a_minute() -> None:
    assert [pause(n) for n in (1, 2, 3, 6, 1000)] == [timedelta(seconds=s) for s in (2, 4, 8, 60, 60)]
    assert [is_open(n) for n in (0, 2, 3, 50)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("backend", "host_rate", "reset_rate", "phase", "size"),
    [
        (4_000, None, None, "disable", 4_000),
        (4_000, None, None, "rotate", 250),
        (100, None, None, "rotate", 100),
        (4_000, 50, None, "disable", 250),
        (4_000, 50, 10, "disable", 50),
        (1, 1, 1, "disable", 1),
    ],
)
def test_how_large_a_chunk_is(
    backend: int, host_rate: int | None, reset_rate: int | None, phase: str, size: int
) -> None:
    assert chunk_size(backend=backend, host_rate=host_rate, reset_rate=reset_rate, phase=phase) == size
