"""The thread that moves leases on: it comes again after trouble, and ends with what it watches."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from engine.heartbeat import Heartbeat
from tests.engine.machinery import eventually


@dataclass
class Held:
    """Something under way."""

    key: int
    given_up: bool = False

    def is_given_up(self) -> bool:
        """Tell what the test said."""
        return self.given_up


class Turns(list[set[int]]):
    """The keys of each turn; the first `troubles` turns fail."""

    def __init__(self, *, troubles: int = 0) -> None:
        super().__init__()
        self.troubles = troubles

    def __call__(self, mine: Mapping[int, Held]) -> None:
        self.append(set(mine))
        if len(self) <= self.troubles:
            raise RuntimeError("The database is away.")


def heartbeat(turns: Turns) -> Heartbeat[Held]:
    """Return a quick one."""
    return Heartbeat(name="tests", every_s=0.01, turn=turns)


def beating() -> bool:
    """Tell whether its thread runs."""
    return any(thread.name == "tests-heartbeat" for thread in threading.enumerate())


def test_it_goes_on_after_trouble_and_ends_with_what_it_watches() -> None:
    turns = Turns(troubles=3)
    kept, held = heartbeat(turns), Held(7)
    kept.add(held)
    eventually(lambda: len(turns) >= 5)
    assert set.union(*turns) == {7}
    kept.remove(held)
    eventually(lambda: not beating())
    count = len(turns)
    another = Held(8)
    kept.add(another)
    eventually(lambda: {8} in turns[count:])
    kept.remove(another)


def test_what_is_given_up_is_beaten_for_no_more() -> None:
    turns = Turns()
    kept, late, other = heartbeat(turns), Held(1), Held(2)
    kept.add(late)
    kept.add(other)
    eventually(lambda: {1, 2} in turns)
    late.given_up = True
    eventually(lambda: {2} in turns)
    kept.remove(late)
    kept.remove(other)


def test_only_the_newest_holder_of_a_key_forgets_it() -> None:
    turns = Turns()
    kept, first, second = heartbeat(turns), Held(1), Held(1)
    kept.add(first)
    kept.add(second)
    kept.remove(first)
    count = len(turns)
    eventually(lambda: len(turns) > count + 1)
    assert turns[-1] == {1}
    kept.remove(second)
