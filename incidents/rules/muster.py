"""What the answers of the pages mean for the roll-call of the leaders; pure.

A tier is complete when `quorum` of its own people, or of those who stand in for them, confirmed. Who declines, can't
be reached or lets the deadline pass is out; the next in the line of succession stands in. A late answer is still an
answer: it counts, also after the tier was exhausted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

SeatState = Literal["called", "delivered", "confirmed", "declined", "late", "succeeded"]
AnswerState = Literal["called", "delivered", "acknowledged", "declined", "late", "unreachable"]
State = Literal["gathering", "complete", "exhausted"]
PageState = Literal["", "starting", "paging", "acknowledged", "exhausted", "cancelled"]

OUT: Final = ("declined", "late", "succeeded")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one page knows of one person (an opaque id).

    `ringing`: the page is still calling. `called`: the page called them; False for a passer-by who answered unasked.
    `on_behalf`: somebody else answered for them, which stops their calls and confirms nothing. `counted`: the page
    counts it; False for an answer from before it went back to paging.
    """

    person: str
    state: AnswerState
    called_at: datetime
    answered_at: datetime | None = None
    via: str = ""
    on_behalf: bool = False
    ringing: bool = True
    called: bool = True
    counted: bool = True

    @property
    def confirms(self) -> bool:
        """Tell whether the person answered for themselves."""
        return self.state == "acknowledged" and not self.on_behalf


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One person in the roll-call of one tier; the tier's own people stand in for nobody."""

    person: str
    position: int
    called_at: datetime
    state: SeatState = "called"
    confirmed_at: datetime | None = None
    via: str = ""
    stands_in_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class TierNow:
    """A tier as the roll-call has it.

    `page`: its own page's state; "" while it waits for another tier's page, "starting" until its page has called.
    """

    quorum: int
    deadline: datetime
    line: tuple[str, ...]
    seats: tuple[Seat, ...]
    page: PageState
    state: State = "gathering"
    completed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Review:
    """What follows for a tier.

    `tell_page`: answers given elsewhere that the tier's page must hear. `call_too`: people whom nobody rings any more
    although their answer is missing. `start_page`: the wait for another tier's page did not help. `push_on`: the
    tier's page must call the next level now.
    """

    seats: tuple[Seat, ...]
    state: State
    completed_at: datetime | None
    tell_page: tuple[Seat, ...] = ()
    call_too: tuple[str, ...] = ()
    start_page: bool = False
    push_on: bool = False


def review_tier(tier: TierNow, *, own: Sequence[Answer], elsewhere: Sequence[Answer], now: datetime) -> Review:
    """Return what follows for `tier` from the answers on its own pages and on the incident's other ones."""
    here, there = _best(own), _best(elsewhere)
    seats = [_moved(seat, here=here, there=there, deadline=tier.deadline, now=now) for seat in tier.seats]
    seats = _with_stand_ins(seats, line=tier.line, here=here, there=there)
    seats = _succeeded(seats)
    state, completed_at = _state(tier, seats)
    if state == "complete":
        # Only in the moment of completion: a page that calls again later, after silence, means it.
        tell = _untold(seats, here=here) if tier.page == "paging" and tier.state != "complete" else ()
        return Review(seats=tuple(seats), state=state, completed_at=completed_at, tell_page=tell)
    possible = [seat for seat in seats if _may_answer(seat, here=here, there=there)]
    short = len(possible) < tier.quorum
    before = {seat.person: seat.state for seat in tier.seats}
    fell_out = any(
        seat.state in OUT and before.get(seat.person) not in OUT and seat.person not in here for seat in seats
    )
    unrung = tuple(seat.person for seat in seats if seat.state in ("called", "delivered") and seat not in possible)
    return Review(
        seats=tuple(seats),
        state=state,
        completed_at=None,
        tell_page=_untold(seats, here=here) if tier.page == "paging" else (),
        call_too=tuple(person for person in unrung if person not in here) if tier.page == "paging" else (),
        start_page=tier.page in ("", "cancelled") and (short or now >= tier.deadline),
        push_on=tier.page == "acknowledged" or (tier.page == "paging" and short and fell_out),
    )


def muster_state(tiers: Iterable[State]) -> State:
    """Return the whole muster's state: exhausted is loud, so one exhausted tier is enough."""
    states = set(tiers)
    if "exhausted" in states:
        return "exhausted"
    return "gathering" if "gathering" in states else "complete"


def _best(answers: Sequence[Answer]) -> dict[str, Answer]:
    """Return the answer that counts per person: confirmed first, then what still rings, then the latest word."""
    rank = {"acknowledged": 3, "delivered": 2, "called": 1, "declined": 0, "late": 0, "unreachable": 0}
    best: dict[str, Answer] = {}
    for answer in sorted(answers, key=lambda a: a.answered_at or a.called_at):
        known = best.get(answer.person)
        weight = (answer.confirms, answer.ringing, rank[answer.state])
        if known is None or (not known.confirms and weight >= (known.confirms, known.ringing, rank[known.state])):
            best[answer.person] = answer
    return best


def _moved(seat: Seat, *, here: dict[str, Answer], there: dict[str, Answer], deadline: datetime, now: datetime) -> Seat:
    """Return the seat after its person's answers and the clock."""
    if seat.state == "confirmed":
        return seat
    own, other = here.get(seat.person), _still_said(there.get(seat.person), to=seat)
    confirmed = next((answer for answer in (own, other) if answer and answer.confirms), None)
    if confirmed:
        # Who had answered before this tier was called counts from the moment it was.
        at = max(confirmed.answered_at or now, seat.called_at)
        return replace(seat, state="confirmed", confirmed_at=at, via=confirmed.via)
    if seat.state in OUT:
        return seat
    answer = own or other
    word = answer.state if answer else "called"
    if word == "declined":
        return replace(seat, state="declined")
    past = now >= deadline
    if (past and seat.stands_in_for is None) or (word in ("late", "unreachable") and (own or past)):
        return replace(seat, state="late")
    return replace(seat, state="delivered") if word == "delivered" else seat


def _still_said(answer: Answer | None, *, to: Seat) -> Answer | None:
    """Return an answer given elsewhere, unless it is a "no" from before this seat was called."""
    if answer is None or answer.confirms or answer.ringing:
        return answer
    return answer if (answer.answered_at or answer.called_at) >= to.called_at else None


def _with_stand_ins(
    seats: list[Seat], *, line: tuple[str, ...], here: dict[str, Answer], there: dict[str, Answer]
) -> list[Seat]:
    """Return the seats with those whom the tier's page called besides its own people, each standing in for one."""
    seated = {seat.person for seat in seats}
    fresh = [a for a in here.values() if a.person not in seated and (a.called or a.person in line)]
    order = {person: place for place, person in enumerate(line)}
    for answer in sorted(fresh, key=lambda a: (a.called_at, order.get(a.person, len(line)), a.person)):
        seat = Seat(
            person=answer.person,
            position=max((s.position for s in seats), default=-1) + 1,
            called_at=answer.called_at,
            stands_in_for=_first_without_stand_in(seats),
        )
        # No deadline of the tier binds a stand-in: their page's level has its own.
        moved = _moved(
            seat,
            here=here,
            there=there,
            deadline=datetime.max.replace(tzinfo=answer.called_at.tzinfo),
            now=answer.called_at,
        )
        seats = [*seats, moved]
    return seats


def _first_without_stand_in(seats: list[Seat]) -> str | None:
    """Return whose place is empty: the first own person who is out and for whom nobody stands ready."""
    out = [seat.person for seat in seats if seat.stands_in_for is None and seat.state in OUT]
    covered = {seat.stands_in_for for seat in seats if seat.state not in OUT}
    return next((person for person in out if person not in covered), out[0] if out else None)


def _succeeded(seats: list[Seat]) -> list[Seat]:
    """Return the seats with those marked for whom somebody confirmed."""
    covered = {seat.stands_in_for for seat in seats if seat.state == "confirmed"}
    return [
        replace(seat, state="succeeded") if seat.state in ("late", "declined") and seat.person in covered else seat
        for seat in seats
    ]


def _state(tier: TierNow, seats: list[Seat]) -> tuple[State, datetime | None]:
    if tier.state == "complete":
        return "complete", tier.completed_at
    confirmed = sorted(seat.confirmed_at for seat in seats if seat.confirmed_at and seat.state == "confirmed")
    if len(confirmed) >= tier.quorum:
        return "complete", confirmed[tier.quorum - 1]
    return ("exhausted" if tier.page == "exhausted" else tier.state), None


def _may_answer(seat: Seat, *, here: dict[str, Answer], there: dict[str, Answer]) -> bool:
    """Tell whether the seat is confirmed or a page still rings for it."""
    if seat.state not in ("called", "delivered"):
        return seat.state == "confirmed"
    answer = here.get(seat.person) or there.get(seat.person)
    return answer is not None and answer.ringing and answer.state in ("called", "delivered")


def _untold(seats: list[Seat], *, here: dict[str, Answer]) -> tuple[Seat, ...]:
    """Return confirmed seats whose confirmation the tier's own page does not know or no longer counts."""
    known = {person for person, answer in here.items() if answer.confirms and answer.counted}
    return tuple(seat for seat in seats if seat.state == "confirmed" and seat.person not in known)
