"""Call the next level of pages: responders, deliveries, ledger entries and state, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import connection

from notifications.models import Delivery, Page, Responder, Urgency
from notifications.operations import outbox
from notifications.operations.exhaust_page import exhaust_page
from notifications.operations.page_news import PageNews
from notifications.operations.start_page import PageRequest, insert_pages
from notifications.queries import standings
from notifications.roll import Roll
from notifications.rules.escalation import LevelCall, Step, next_place, next_step
from notifications.rules.frozen_policy import FrozenLevel, FrozenPolicy
from people.models import Person

# Only those who are still silent: an answer or a receipt of this moment is not overwritten by a slower hand.
_LATE: Final = """
UPDATE notifications_responder AS responder SET state = 'late'
FROM unnest(%s::uuid[], %s::uuid[]) AS late (page, person)
WHERE responder.page_id = late.page AND responder.person_id = late.person AND responder.state IN ('called', 'delivered')
"""

# One row per page instead of Django's CASE per column and page, which took half of a burst's time.
_MOVE: Final = """
UPDATE notifications_page AS page SET
    state = moved.state, level = moved.level, round = moved.round, next_step_at = moved.next_step_at,
    trouble = moved.trouble, ended_at = moved.ended_at
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[], %s::timestamptz[], %s::text[], %s::timestamptz[])
    AS moved (id, state, level, round, next_step_at, trouble, ended_at)
WHERE page.id = moved.id
"""

log = structlog.get_logger(__name__)


@dataclass(kw_only=True)
class _Writes:
    """What a batch of pages has to write, kept until all steps are known."""

    responders: dict[tuple[UUID, str], Responder] = field(default_factory=dict)
    late: list[tuple[UUID, str]] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    fallbacks: list[PageRequest] = field(default_factory=list)


def call_next(
    pages: Sequence[Page],
    *,
    now: datetime,
    news: PageNews,
    time_over: bool = True,
    skip: Set[str] = frozenset(),
) -> dict[UUID, list[str]]:
    """Call the next level of each of these paging pages; return for each the names of those called.

    Expects the pages' locks and writes the pages; the caller publishes `news`, whose ledger lock is the last. What
    `time_over` and `skip` mean says `rules.escalation.next_step`. A level with nobody in it, somebody without a contact
    method or rule: trouble, visible on the page and in the ledger. Exhausted: everybody of all levels and the
    administrators are paged by a fallback page, by all their methods at once.
    """
    roll = Roll(now=now)
    policies = {page.pk: policy_of(page) for page in pages}
    stands = standings(pages)
    roll.expect(_levels_next(pages, policies))
    writes = _Writes()
    called: dict[UUID, list[str]] = {}
    for page in pages:
        step = next_step(
            stands[page.pk],
            policy=policies[page.pk],
            people_of=roll.people_of,
            can_reach=partial(_can_reach, roll, page),
            now=now,
            time_over=time_over,
            skip=skip,
        )
        _take(page, step, roll=roll, writes=writes, news=news, now=now)
        called[page.pk] = [roll.person(person).name for call in step.calls for person in call.people]
        if step.exhausted:
            writes.fallbacks += exhaust_page(
                page, stands[page.pk], policy=policies[page.pk], roll=roll, news=news, now=now
            )
    _write(pages, writes)
    if writes.fallbacks:
        insert_pages(writes.fallbacks, news=news, now=now)
    return called


def _can_reach(roll: Roll, page: Page, person: str, /) -> bool:
    return bool(roll.choice(person, page=page).rules)


def policy_of(page: Page) -> FrozenPolicy:
    """Return a page's frozen policy; one that can't be read has no levels, so that the fallback takes over at once."""
    try:
        return FrozenPolicy.from_json(page.policy)
    except ValueError:
        log.exception("frozen_policy_unreadable", page=str(page.pk))
        page.trouble = "The escalation policy of this page can't be read; everybody is called instead."
        return FrozenPolicy(name=page.policy_name, levels=())


def _levels_next(pages: Iterable[Page], policies: dict[UUID, FrozenPolicy]) -> list[FrozenLevel]:
    """Return the levels that come next, so that all they need is read at once; later ones are read when called."""
    levels = []
    for page in pages:
        policy = policies[page.pk]
        place = next_place(policy, level=page.level, round_=page.round)
        if place is not None:
            levels.append(policy.levels[place[0] - 1])
    return levels


def _take(page: Page, step: Step, *, roll: Roll, writes: _Writes, news: PageNews, now: datetime) -> None:
    """Put one page's step into `writes` and `news`, and move the page in memory."""
    page.level, page.round, page.next_step_at = step.level, step.round, step.next_step_at
    if step.late:
        writes.late += [(page.pk, person) for person in sorted(step.late)]
        news.touch(page, *step.late)
    for call in step.calls:
        troubles = []
        if call.nobody:
            troubles.append(f"{_level_name(page, call.level)} had nobody to call; the next level was called at once.")
        for person in call.unreachable:
            writes.responders[page.pk, person] = _responder(page, call, person, state="unreachable", now=now)
            troubles.append(f"{roll.person(person).name} has no contact method that works.")
        channels: dict[str, list[str]] = {}
        for person in call.people:
            writes.responders[page.pk, person] = _responder(page, call, person, state="called", now=now)
            sent = deliveries_to(roll.person(person), page=page, roll=roll, now=now)
            writes.deliveries += sent
            channels[roll.person(person).name] = [delivery.channel for delivery in sent]
            if roll.choice(person, page=page).without_rule:
                troubles.append(_without_rule(roll.person(person), page, channels))
        if call.people:
            _say_called(page, call, step, channels=channels, roll=roll, news=news)
        news.trouble(page, troubles)
        news.touch(page, *call.people, *call.unreachable)


def _say_called(
    page: Page, call: LevelCall, step: Step, *, channels: dict[str, list[str]], roll: Roll, news: PageNews
) -> None:
    news.say(
        page,
        "page.called",
        payload={
            "level": call.level,
            "round": call.round,
            "people": [roll.person(person).name for person in call.people],
            "person_ids": list(call.people),
            "channels": channels,
            "late_ids": sorted(step.late) if call is step.calls[0] else [],
        },
    )


def _without_rule(person: Person, page: Page, channels: dict[str, list[str]]) -> str:
    urgency = Urgency(page.urgency).label.lower()
    used = " and ".join(channels[person.name])
    return f"{person.name} has no working contact rule for {urgency} urgency; {used} was used instead."


def _level_name(page: Page, level: int) -> str:
    policy = policy_of(page)
    names = ", ".join(target.name for target in policy.levels[level - 1].targets)
    return f"Level {level} ({names})" if names else f"Level {level}"


def _responder(page: Page, call: LevelCall, person: str, *, state: str, now: datetime) -> Responder:
    return Responder(page_id=page.pk, person_id=person, state=state, level=call.level, round=call.round, called_at=now)


def deliveries_to(person: Person, *, page: Page, roll: Roll, now: datetime) -> list[Delivery]:
    """Return one delivery per contact rule of the page's urgency, due after the rule's delay; not yet written."""
    methods = {str(method.pk): method for method in roll.methods(str(person.pk))}
    return [
        Delivery(
            page_id=page.pk,
            person_id=person.pk,
            contact_method=methods[rule.method],
            kind=Delivery.Kind.PAGE,
            channel=methods[rule.method].channel,
            address=methods[rule.method].address,
            urgency=page.urgency,
            severity=page.severity,
            level=page.level,
            round=page.round,
            not_before=now + timedelta(seconds=rule.delay_s),
            created_at=now,
        )
        for rule in roll.choice(str(person.pk), page=page).rules
    ]


def _write(pages: Sequence[Page], writes: _Writes) -> None:
    """Write the collected rows: one statement per table, whatever the number of pages."""
    if writes.late:
        with connection.cursor() as cursor:
            cursor.execute(_LATE, _columns(writes.late))
    Responder.objects.bulk_create(
        writes.responders.values(),
        update_conflicts=True,
        unique_fields=["page", "person"],
        update_fields=["state", "level", "round", "called_at", "delivered_at", "answered_at", "via", "on_behalf_by"],
    )
    outbox.post(writes.deliveries)
    rows = [(p.pk, p.state, p.level, p.round, p.next_step_at, p.trouble, p.ended_at) for p in pages]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, _columns(rows))


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
