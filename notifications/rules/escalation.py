"""The next step of a page: pure. The page's standing, its frozen policy and `now` in; whom to call out.

A level is called when the time of the one before is over, or at once when waiting for the called ones is in vain:
nobody of them may still answer, the level was empty, or the next one is a successor (`until_enough`) and those who
confirmed and those who may still answer are fewer than required. After downtime every level whose time came is called
in one step, within one round; people called then have their level's full time, so downtime alone exhausts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy

LEAST_PAUSE_S: Final = 60
"""How long the last level of a round has when its policy says 0: the people just called must be able to answer."""

Resolver = Callable[[FrozenLevel], Sequence[str]]
"""Tells who a level reaches now, as ids of people; empty when nobody is on call or the team is empty."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answering:
    """One responder as the rules see them; `state` is one of `Responder.State`."""

    person: str
    state: str
    called_at: datetime
    answered_at: datetime | None = None
    on_behalf: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a page stands. Calls and answers before `paging_since` belong to an earlier search and don't count."""

    level: int
    round: int
    next_step_at: datetime
    paging_since: datetime
    responders: tuple[Answering, ...] = ()

    def confirmed(self) -> frozenset[str]:
        """Return who has acknowledged for themselves; an answer on somebody's behalf meets no quorum."""
        return frozenset(
            r.person for r in self.responders if r.state == "acknowledged" and not r.on_behalf and self._counts(r)
        )

    def declined(self) -> frozenset[str]:
        """Return who said that they can't."""
        return frozenset(r.person for r in self.responders if r.state == "declined" and self._counts(r))

    def waiting_for(self) -> frozenset[str]:
        """Return who was called and may still answer before their level's time is over."""
        return frozenset(
            r.person
            for r in self.responders
            if (r.state in ("called", "delivered") and r.called_at >= self.paging_since)
            or (r.state == "acknowledged" and r.on_behalf and self._counts(r))
        )

    def unanswered(self) -> frozenset[str]:
        """Return who was called and has given no answer, not even somebody else's."""
        return frozenset(
            r.person for r in self.responders if r.state in ("called", "delivered") and r.called_at >= self.paging_since
        )

    def _counts(self, responder: Answering) -> bool:
        return responder.answered_at is not None and responder.answered_at >= self.paging_since


class CanReach(Protocol):
    """Tells whether a person has any usable contact method."""

    def __call__(self, person: str, /) -> bool:
        """Return whether a message to this person can leave."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelCall:
    """One level called: whom messages go to, who has no contact method, or that it had nobody at all."""

    level: int
    round: int
    people: tuple[str, ...]
    unreachable: tuple[str, ...]
    nobody: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What happens to the page now. `next_step_at` is None when it is exhausted."""

    calls: tuple[LevelCall, ...]
    late: frozenset[str]
    level: int
    round: int
    next_step_at: datetime | None

    @property
    def exhausted(self) -> bool:
        """Tell whether all rounds are over and nobody may still answer."""
        return self.next_step_at is None


def is_hopeless(standing: Standing, *, required: int) -> bool:
    """Tell whether those called can't meet the requirement any more, so that waiting for them is in vain."""
    return len(standing.confirmed()) + len(standing.waiting_for()) < required


def is_waiting_in_vain(standing: Standing, *, policy: FrozenPolicy) -> bool:
    """Tell whether to call the next level without waiting: nobody may still answer, or a successor is needed."""
    if not standing.waiting_for():
        return True
    place = next_place(policy, level=standing.level, round_=standing.round)
    return (
        place is not None
        and place[1] == standing.round
        and policy.levels[place[0] - 1].until_enough
        and is_hopeless(standing, required=policy.required_acknowledgements)
    )


def next_place(policy: FrozenPolicy, *, level: int, round_: int) -> tuple[int, int] | None:
    """Return (level, round) of what is called after this place; None after the last level of the last round."""
    if level < len(policy.levels):
        return level + 1, max(round_, 1)
    return (1, round_ + 1) if policy.levels and round_ < policy.rounds else None


@dataclass(kw_only=True)
class _Walk:
    """The levels called so far in one step, and what the next decision needs to know."""

    policy: FrozenPolicy
    now: datetime
    level: int
    round: int
    due: datetime
    confirmed: int
    waiting: set[str]
    people_of: Resolver
    can_reach: CanReach
    not_again: Collection[str]
    calls: list[LevelCall] = field(default_factory=list)
    delay_s: int | None = None
    empty_in_a_row: int = 0

    def call_next(self, place: tuple[int, int]) -> None:
        self.level, self.round = place
        level = self.policy.levels[self.level - 1]
        already = {person for call in self.calls for person in (*call.people, *call.unreachable)}
        reached = list(dict.fromkeys(self.people_of(level)))
        fresh = [person for person in reached if person not in self.not_again and person not in already]
        people = tuple(person for person in fresh if self.can_reach(person))
        unreachable = tuple(person for person in fresh if not self.can_reach(person))
        self.calls.append(
            LevelCall(level=self.level, round=self.round, people=people, unreachable=unreachable, nobody=not reached)
        )
        self.waiting.update(people)
        self.waiting.difference_update(unreachable)
        if self.waiting.isdisjoint(reached):
            self.empty_in_a_row += 1
        else:
            self.empty_in_a_row = 0
            self.delay_s = level.delay_s
        self.due += timedelta(seconds=level.delay_s)

    def may_go_on(self, place: tuple[int, int]) -> bool:
        """Tell whether `place` is called at once too, after the level just called."""
        if self.empty_in_a_row >= len(self.policy.levels):
            return False
        if not self.waiting:
            return True
        if place[1] != self.round:
            return False
        next_level = self.policy.levels[place[0] - 1]
        missing = next_level.until_enough and self.confirmed + len(self.waiting) < self.required
        return bool(self.empty_in_a_row) or missing or self.due <= self.now

    @property
    def required(self) -> int:
        return self.policy.required_acknowledgements

    def next_step_at(self, otherwise: datetime) -> datetime | None:
        if self.delay_s is None:
            return otherwise if self.waiting else None
        at_the_end = self.level == len(self.policy.levels)
        return self.now + timedelta(seconds=self.delay_s or (LEAST_PAUSE_S if at_the_end else 0))


def next_step(
    standing: Standing,
    *,
    policy: FrozenPolicy,
    people_of: Resolver,
    can_reach: CanReach,
    now: datetime,
    time_over: bool = True,
    skip: Set[str] = frozenset(),
) -> Step:
    """Return what to do with a paging page whose next level is to be called.

    `time_over`: the level's time is over, so those who have not answered are late; False when the next level is called
    early (a decline), where they may still answer. `skip`: people who asked for somebody else just now.
    Those who have confirmed or declined are not called again in this search; late ones are, when their level's turn
    comes. A person in several of the levels called is called once.
    """
    walk = _Walk(
        policy=policy,
        now=now,
        level=standing.level,
        round=standing.round,
        due=min(standing.next_step_at, now),
        confirmed=len(standing.confirmed()),
        waiting=set() if time_over else set(standing.waiting_for()),
        people_of=people_of,
        can_reach=can_reach,
        not_again=standing.confirmed() | standing.declined() | skip,
    )
    place = next_place(policy, level=walk.level, round_=walk.round)
    first = True
    while place is not None and (first or walk.may_go_on(place)):
        if first and walk.waiting and place[1] > max(walk.round, 1):
            break  # an early call never starts a new round while somebody of this one may still answer
        walk.call_next(place)
        first = False
        place = next_place(policy, level=walk.level, round_=walk.round)
    return Step(
        calls=tuple(walk.calls),
        late=standing.unanswered() if time_over else frozenset(),
        level=walk.level,
        round=walk.round,
        next_step_at=walk.next_step_at(standing.next_step_at),
    )


def reached_levels(step: Step) -> Mapping[str, tuple[int, int]]:
    """Return for each person called or found unreachable the (level, round) that called them."""
    return {person: (call.level, call.round) for call in step.calls for person in (*call.people, *call.unreachable)}
