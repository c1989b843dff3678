"""Call the next level of pages: responders, deliveries, ledger entries and state, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import connection

from notifications.models import Delivery, Page, Responder
from notifications.operations import outbox
from notifications.operations.exhaust_page import exhaust_page
from notifications.operations.page_news import PageNews
from notifications.operations.start_page import PageRequest, insert_pages
from notifications.page_trouble import policy_of, troubles_of
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
    writes.late += [(page.pk, person) for person in sorted(step.late)]
    news.touch(page, *step.late)
    news.trouble(page, [sentence for call in step.calls for sentence in troubles_of(call, page=page, roll=roll)])
    late = sorted(step.late)
    for call in step.calls:
        news.touch(page, *call.people, *call.unreachable)
        for person in call.unreachable:
            writes.responders[page.pk, person] = _responder(page, call, person, state="unreachable", now=now)
        channels: dict[str, list[str]] = {}
        for person in call.people:
            writes.responders[page.pk, person] = _responder(page, call, person, state="called", now=now)
            sent = deliveries_to(roll.person(person), page=page, roll=roll, now=now, level=call.level)
            writes.deliveries += sent
            channels.setdefault(roll.person(person).name, []).extend(delivery.channel for delivery in sent)
        if call.people:
            _say_called(page, call, late=late, channels=channels, roll=roll, news=news)
            late = []


def _say_called(
    page: Page, call: LevelCall, *, late: Sequence[str], channels: dict[str, list[str]], roll: Roll, news: PageNews
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
            "late_ids": list(late),
        },
    )


def _responder(page: Page, call: LevelCall, person: str, *, state: str, now: datetime) -> Responder:
    return Responder(page_id=page.pk, person_id=person, state=state, level=call.level, round=call.round, called_at=now)


def deliveries_to(person: Person, *, page: Page, roll: Roll, now: datetime, level: int | None = None) -> list[Delivery]:
    """Return one delivery per contact rule of the page's urgency, due after the rule's delay; not yet written.

    `level` is the one that calls them, where several are called at once; else the page's.
    """
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
            level=page.level if level is None else level,
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
