"""A page's escalation as a ladder: what was called, what is called now, who comes next and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.models import Page
from notifications.rules.frozen_policy import FrozenPolicy


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One level: `step` is done, now or next; `at` is when it was or will be called, if that is known."""

    level: int
    step: str
    names: list[str]
    at: datetime | None
    until_enough: bool


def ladder_of(page: Page) -> list[Rung]:
    """Return the levels of the page's present round; times to come hold while nobody answers."""
    policy = FrozenPolicy.from_json(page.policy)
    rungs = []
    at = page.next_step_at if page.state == Page.State.PAGING else None
    for level, frozen in enumerate(policy.levels, start=1):
        called = [r for r in page.responders_called.all() if r.level == level and r.round == page.round]
        if level <= page.level:
            step = "now" if level == page.level and page.state == Page.State.PAGING else "done"
            when = min((r.called_at for r in called), default=None)
        else:
            step, when = "next", at
            at = at + timedelta(seconds=frozen.delay_s) if at else None
        names = [target.name for target in frozen.targets]
        rungs.append(Rung(level=level, step=step, names=names, at=when, until_enough=frozen.until_enough))
    return rungs
