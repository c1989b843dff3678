"""Work off what came from Slack, after it was answered: by a worker at once, by the engine when none heard of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from engine import clock
from notifications.channels.base import TemporaryFailure
from rooms.models import SlackInbound
from rooms.slack import people, reading
from rooms.slack.inbound import came_of, tell
from rooms.slack.reading import Arrived
from rooms.slack.registry import door_for
from web.errors import Refusal

LEASE: Final = timedelta(seconds=60)
TRIES: Final = 5
PAUSES_S: Final = (1, 5, 30, 120)
BATCH: Final = 20

log = structlog.get_logger(__name__)

_CLAIM: Final = """
UPDATE rooms_slackinbound SET state = 'working', tries = tries + 1, lease_until = %(lease)s
WHERE id IN (
    SELECT id FROM rooms_slackinbound
    WHERE (
        (state = 'pending' AND not_before <= %(before)s) OR (state = 'working' AND lease_until < %(now)s)
    ) AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
    ORDER BY queue <> 'page', not_before, id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
) RETURNING id
"""


def work_off(*, now: datetime, ids: Sequence[int] | None = None, patience_s: float = 0) -> int:
    """Do what is due of `ids` (None: of all that waits for `patience_s`), answers to pages first; return how many.

    Expects no open transaction. Something that fails is tried again, five times in all, and then stays as failed.
    """
    values = {
        "now": now,
        "before": now - timedelta(seconds=patience_s),
        "lease": now + LEASE,
        "ids": None if ids is None else list(ids),
        "most": BATCH,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        claimed = sorted(row[0] for row in cursor.fetchall())
    for row in SlackInbound.objects.filter(pk__in=claimed).order_by("-queue", "pk"):  # "page" before "chat"
        _work(row, now=now)
    return len(claimed)


def _work(row: SlackInbound, *, now: datetime) -> None:
    door, arrived = door_for(row.kind, row.name), _arrived(row)
    if door is None or door.later is None or arrived is None:
        _end(row, reason="Nothing answers this any more.", now=now)
        return
    person = people.person_of(row.user_id) if row.user_id else None
    if person is None and not door.strangers:
        _end(row, reason="The person is not linked any more.", now=now)
        return
    came = came_of(arrived, person=person, now=now)
    try:
        door.later(came)
    except Refusal as refusal:
        with transaction.atomic():
            tell(came, refusal.sentence, now=now)
        _end(row, reason=refusal.sentence, now=now)
    except Exception as error:
        # The edge of a loop that must survive: the next one is somebody else's.
        log.exception("slack_work_failed", row=row.pk, kind=row.kind, name=row.name)
        connection.close_if_unusable_or_obsolete()
        _again(row, reason=f"{type(error).__name__}: {error}", came_temporarily=isinstance(error, TemporaryFailure))
        if row.state == SlackInbound.State.FAILED:
            with transaction.atomic():
                tell(came, _("Something went wrong in Muster, and it was not done. Do it on the web."), now=now)
    else:
        _end(row, reason="", now=now)


def _arrived(row: SlackInbound) -> Arrived | None:
    match row.kind:
        case "command":
            return reading.command(row.payload)
        case "event":
            return reading.event(row.payload)
    return reading.interaction(row.payload)


def _end(row: SlackInbound, *, reason: str, now: datetime) -> None:
    row.state, row.reason, row.ended_at, row.lease_until = SlackInbound.State.DONE, reason[:300], now, None
    row.save(update_fields=["state", "reason", "ended_at", "lease_until"])


def _again(row: SlackInbound, *, reason: str, came_temporarily: bool) -> None:
    now = clock.now()
    row.reason, row.lease_until = reason.replace("\0", " ")[:300], None
    if row.tries >= TRIES and not came_temporarily:
        row.state, row.ended_at = SlackInbound.State.FAILED, now
    else:
        row.state = SlackInbound.State.PENDING
        row.not_before = now + timedelta(seconds=PAUSES_S[min(row.tries, len(PAUSES_S)) - 1])
    row.save(update_fields=["state", "reason", "ended_at", "lease_until", "not_before"])
