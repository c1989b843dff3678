"""What the engine does for subscribers: prepares mailings, hands them to workers, and sends what nobody else does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Min

from engine import broker, watch
from engine.duties import Duty, Tick, register
from statuspage.models import Notice
from statuspage.subscribers import lanes, mailings
from statuspage.subscribers.letters import free_letters, send_letters
from statuspage.subscribers.notices import free_leases
from statuspage.subscribers.pruning import prune
from statuspage.subscribers.sending import send_batch

NOBODY_FOR: Final = timedelta(seconds=5)
"""After this without a worker's doing the engine sends by itself."""
HELP_S: Final = 1.0
LETTERS_AFTER_S: Final = 3
UNSENT_LIMIT_S: Final = 900.0
"""A notice that has been due for so long alarms the administrators: the mail server is away or refuses us."""

Part = tuple[int, str]
"""A mailing and a channel."""


def prepare_mailings(tick: Tick) -> int:
    """Write notices, withdraw what is overtaken, hand over what is due, close what is over; return rows moved."""
    moved = free_leases(now=tick.now) + mailings.withdraw_leftovers(now=tick.now)
    for mailing_id in mailings.open_mailings():
        moved += mailings.overtake(mailing_id, now=tick.now)
        while not tick.out_of_time():
            written = mailings.prepare(mailing_id, now=tick.now)
            moved += written
            for part in _due_parts(mailing_id, now=tick.now):
                lanes.hand_over(*part)
            if written < mailings.BATCH:
                break
        moved += mailings.finish(mailing_id, now=tick.now)
    return moved


@dataclass(frozen=True)
class _Seen:
    """The first waiting notice of a part, since when it is that one, and whether it is where we left off."""

    notice: int
    since: datetime
    ours: bool


class Helper:
    """Sends notices in the engine while no worker does: the broker is gone, or nobody listens to it.

    A thread of its own that takes as much time as it gives: pages, which the same process moves, wait for nothing.
    """

    def __init__(self) -> None:
        self._seen: dict[Part, _Seen] = {}

    def look(self, tick: Tick) -> int:
        """Send a little of each part that nobody works at; return how many notices were taken."""
        taken, parts = 0, [part for each in mailings.open_mailings() for part in _due_parts(each, now=tick.now)]
        self._seen = {part: seen for part, seen in self._seen.items() if part in parts}
        for part in parts:
            if self._nobody_works_at(part, now=tick.now):
                taken += self._help(part, now=tick.now)
        return taken

    def _nobody_works_at(self, part: Part, *, now: datetime) -> bool:
        first = _first(part, now=now)
        seen = self._seen.get(part)
        if first is None or broker.is_lost():
            return first is not None
        if seen is None or seen.notice != first:
            self._seen[part] = _Seen(first, now, ours=False)
            return False
        return seen.ours or now - seen.since >= NOBODY_FOR

    def _help(self, part: Part, *, now: datetime) -> int:
        taken, began = 0, time.monotonic()
        while time.monotonic() - began < HELP_S:
            batch_began = time.monotonic()
            moment = now + timedelta(seconds=batch_began - began)
            batch = send_batch(mailing_id=part[0], channel=part[1], now=moment)
            if not batch:
                break
            taken += batch
            time.sleep(min(HELP_S, time.monotonic() - batch_began))
        first = _first(part, now=now)
        if first is not None:
            self._seen[part] = _Seen(first, now, ours=taken > 0)
        return taken


def send_late_letters(tick: Tick) -> int:
    """Send letters that no worker took."""
    return free_letters(now=tick.now) + send_letters(now=tick.now, older_than_s=LETTERS_AFTER_S)


def oldest_unsent_s(now: datetime) -> float:
    """Return for how many seconds the oldest waiting notice has been due."""
    oldest = Notice.objects.filter(
        state=Notice.State.PENDING, mailing__state__in=mailings.OPEN, due_at__lte=now
    ).aggregate(at=Min("mailing__started_at"))["at"]
    return 0.0 if oldest is None else float((now - oldest).total_seconds())


def register_duties() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name="status_mailings", run=prepare_mailings))
    register(Duty(name="status_notices", run=Helper().look))
    register(Duty(name="status_letters", run=send_late_letters, every_s=2.0))
    register(Duty(name="status_prune", run=_prune, every_s=3600.0))
    watch.register_gauge(
        "oldest_unsent_notice_s",
        oldest_unsent_s,
        limit=UNSENT_LIMIT_S,
        sentence="A status update has been waiting to be sent to subscribers for too long, in seconds",
    )


def _prune(tick: Tick) -> int:
    return prune(now=tick.now)


def _due_parts(mailing_id: int, *, now: datetime) -> list[Part]:
    due = Notice.objects.filter(mailing=mailing_id, state=Notice.State.PENDING, due_at__lte=now)
    return [(mailing_id, channel) for channel in lanes.LANES if due.filter(channel=channel).exists()]


def _first(part: Part, *, now: datetime) -> int | None:
    due = Notice.objects.filter(mailing=part[0], channel=part[1], state=Notice.State.PENDING, due_at__lte=now)
    return due.order_by("due_at", "pk").values_list("pk", flat=True).first()
