"""Short words for policies and for where a page stands, shared by the tables of escalation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from notifications.rules.escalation import Answering, Standing
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy, FrozenTarget

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)


def level(*people: str, delay_s: int = 300, until_enough: bool = False) -> FrozenLevel:
    targets = tuple(FrozenTarget(kind="person", id=person) for person in people)
    return FrozenLevel(delay_s=delay_s, targets=targets, until_enough=until_enough)


def successor(person: str, *, delay_s: int = 120) -> FrozenLevel:
    return level(person, delay_s=delay_s, until_enough=True)


def policy(*levels: FrozenLevel, rounds: int = 1, required: int = 1) -> FrozenPolicy:
    return FrozenPolicy(name="Hosting", levels=levels, rounds=rounds, required_acknowledgements=required)


def standing(place: tuple[int, int] = (0, 0), /, **states: str) -> Standing:
    """A page due now at (level, round), and what people answered; "behalf": somebody else acknowledged for them."""
    answering = tuple(
        Answering(
            person=person,
            state="acknowledged" if state == "behalf" else state,
            called_at=EARLIER,
            answered_at=EARLIER if state in ("acknowledged", "declined", "behalf") else None,
            on_behalf=state == "behalf",
        )
        for person, state in states.items()
    )
    return Standing(
        level=place[0], round=place[1], next_step_at=NOW, paging_since=NOW - timedelta(hours=1), responders=answering
    )
