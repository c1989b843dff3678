"""What keeps a page from reaching somebody, in sentences that stand on the page and in the ledger."""

from __future__ import annotations

import structlog

from notifications.models import Page, Urgency
from notifications.roll import Roll
from notifications.rules.escalation import LevelCall
from notifications.rules.frozen_policy import FrozenPolicy

log = structlog.get_logger(__name__)


def policy_of(page: Page) -> FrozenPolicy:
    """Return a page's frozen policy; one that can't be read has no levels, so that the fallback takes over at once."""
    try:
        return FrozenPolicy.from_json(page.policy)
    except ValueError:
        log.exception("frozen_policy_unreadable", page=str(page.pk))
        page.trouble = "The escalation policy of this page can't be read; everybody is called instead."
        return FrozenPolicy(name=page.policy_name, levels=())


def troubles_of(call: LevelCall, *, page: Page, roll: Roll) -> list[str]:
    """Return what was wrong with one level called: nobody in it, no contact method, no rule for this urgency."""
    sentences = []
    if call.nobody:
        sentences.append(f"{_level_name(page, call.level)} had nobody to call; the next level was called at once.")
    sentences += [f"{roll.person(person).name} has no contact method that works." for person in call.unreachable]
    for person in call.people:
        choice = roll.choice(person, page=page)
        if choice.without_rule:
            channels = {str(method.pk): method.channel for method in roll.methods(person)}
            used = " and ".join(channels[rule.method] for rule in choice.rules)
            urgency = Urgency(page.urgency).label.lower()
            name = roll.person(person).name
            sentences.append(f"{name} has no working contact rule for {urgency} urgency; {used} was used instead.")
    return sentences


def _level_name(page: Page, level: int) -> str:
    policy = policy_of(page)
    names = ", ".join(target.name for target in policy.levels[level - 1].targets)
    return f"Level {level} ({names})" if names else f"Level {level}"
