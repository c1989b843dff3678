"""Which of a person's contact methods a page uses, and when: pure.

A rule whose method was disabled or opted out of is skipped, and what is left begins when the first rule would have: a
dead number must not make a person unreachable for the minutes that the next one was told to wait. Without any rule that
works, a verified method is used, else an unverified one: a call to a doubtful number beats silence, and the choice is
said (`Choice.without_rule`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """A contact method as the rules see it."""

    id: str
    usable: bool
    verified: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Use this method `delay_s` seconds after the person is called."""

    method: str
    delay_s: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The rules to follow now; empty when the person can't be reached at all."""

    rules: tuple[Rule, ...]
    without_rule: bool = False


def choose(
    *, rules: Sequence[Rule], methods: Sequence[Method], high_urgency: bool = True, everything: bool = False
) -> Choice:
    """Return how to reach a person: `rules` are those of the page's urgency, `methods` all they have, oldest first.

    `everything`: all usable methods at once, whatever the rules say (a fallback page shouts). Without a working rule a
    high-urgency page goes to all the best methods at once, a low one to the first of them.
    """
    usable = [method for method in methods if method.usable]
    if everything:
        return Choice(rules=tuple(Rule(method=method.id, delay_s=0) for method in usable))
    ids = {method.id for method in usable}
    working = sorted((rule for rule in rules if rule.method in ids), key=lambda rule: rule.delay_s)
    if working:
        first = min(rule.delay_s for rule in rules)
        early = working[0].delay_s - first
        return Choice(rules=tuple(Rule(method=rule.method, delay_s=rule.delay_s - early) for rule in working))
    best = [method for method in usable if method.verified] or usable
    chosen = best if high_urgency else best[:1]
    return Choice(rules=tuple(Rule(method=method.id, delay_s=0) for method in chosen), without_rule=bool(chosen))
