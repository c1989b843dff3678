"""Take another way for people whose message would wait too long for its turn at a provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from django.db import transaction

from engine.duties import Tick
from notifications.models import Delivery
from notifications.operations import delivery_consequences as consequences
from notifications.operations import turns
from notifications.operations.carrier_standings import Standings, paced_kinds, rates
from notifications.operations.lock_page import lock_page
from notifications.operations.outbox import CALLS
from notifications.operations.turns import Waiting
from notifications.rules import pacing

TOGETHER: Final = 20
"""People of one page for whom its lock is held in one go: answers wait no longer than these take."""


def relieve_queues(tick: Tick) -> int:
    """Bring forward the next method of everybody whose turn would come too late, or at a provider that keeps failing
    and has nobody beside it; once for each message; return how many. For "turns".

    The message itself keeps its place: it goes when its turn comes, unless the page has ended by then.
    """
    relieved = 0
    for kind in paced_kinds():
        queue = turns.queue_of(kind, now=tick.now)
        if not queue:
            continue
        late = [each for each in _late(kind, queue, Standings.read()) if not each.overtaken]
        late = [each for each in late if each.page_id is not None and each.kind in CALLS]
        for _page, group in groupby(late, key=lambda each: each.page_id):
            people = list(group)
            for start in range(0, len(people), TOGETHER):
                relieved += _relieve(people[start : start + TOGETHER], channel=kind, now=tick.now)
                if tick.out_of_time():
                    return relieved
    return relieved


def _late(kind: str, queue: Sequence[Waiting], standings: Standings) -> Sequence[Waiting]:
    """Return who would wait too long: everybody, while no provider of this kind is known to work."""
    if all(each.open for each in standings.of(kind)):
        return queue
    per_s = rates(kind)
    usable = [per_s[each] for each in standings.usable(kind)]
    return [queue[place] for place in pacing.overdue([each.waited_s for each in queue], rates=usable)]


def _relieve(waiting: Sequence[Waiting], *, channel: str, now: datetime) -> int:
    relieved = 0
    with transaction.atomic():
        page = lock_page(waiting[0].page_id)
        for each in waiting:
            own = Delivery.objects.filter(pk=each.id, state=Delivery.State.PENDING, overtaken_at=None)
            if own.update(overtaken_at=now):
                consequences.take_next_way(
                    page=page, person_id=each.person_id, kind=each.kind, now=now, instead_of=channel
                )
                relieved += 1
    return relieved
