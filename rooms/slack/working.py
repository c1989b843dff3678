"""Work off what came from Slack, after it was answered: by a worker at once, by the engine when none heard of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from notifications.channels.base import TemporaryFailure
from notifications.slack.words import escaped
from rooms.models import SlackInbound
from rooms.slack import people, reading
from rooms.slack.inbound import came_of, tell
from rooms.slack.reading import Arrived
from rooms.slack.registry import Came, Later, door_for
from web.errors import Refusal

LEASE: Final = timedelta(seconds=60)
TRIES: Final = 5
PAUSES_S: Final = (1, 5, 30, 120)
PATIENCE: Final = timedelta(hours=1)
"""So long what only Slack's own trouble keeps from being done is tried; after that nobody waits for it."""
BATCH: Final = 20

log = structlog.get_logger(__name__)

_CLAIM: Final = """
UPDATE rooms_slackinbound SET state = 'working', tries = tries + 1, lease_until = %(lease)s
WHERE id = (
    SELECT id FROM rooms_slackinbound
    WHERE (
        (state = 'pending' AND not_before <= %(before)s) OR (state = 'working' AND lease_until < %(now)s)
    ) AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
    ORDER BY queue <> 'page', not_before, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
) RETURNING id
"""


def work_off(
    *, now: datetime, ids: Sequence[int] | None = None, patience_s: float = 0, until: float | None = None
) -> int:
    """Do what is due of `ids` (None: of all that waits for `patience_s`), answers to pages first; return how many.

    One after the other is claimed, so that an answer to a page waits for one other thing at most. `until` is a
    `time.monotonic` after which none is begun. Expects no open transaction. Something that fails is tried again, five
    times in all, and then stays as failed; for an hour where Slack is the reason.
    """
    began, done = time.monotonic(), 0
    while done < BATCH and (until is None or time.monotonic() < until):
        gone_by = timedelta(seconds=time.monotonic() - began)
        row = _claim(ids=ids, patience_s=patience_s, now=now, lease=LEASE + gone_by)
        if row is None:
            break
        _work(row, now=now + gone_by)
        done += 1
    return done


def _claim(*, ids: Sequence[int] | None, patience_s: float, now: datetime, lease: timedelta) -> SlackInbound | None:
    values = {
        "now": now,
        "before": now - timedelta(seconds=patience_s),
        "lease": now + lease,
        "ids": None if ids is None else list(ids),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        found = cursor.fetchone()
    return SlackInbound.objects.get(pk=found[0]) if found else None


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
    with people.speaking_to(person):
        _try(row, door.later, came, now=now)


def _try(row: SlackInbound, later: Later, came: Came, *, now: datetime) -> None:
    try:
        later(came)
    except Refusal as refusal:
        with transaction.atomic():
            tell(came, escaped(refusal.sentence), now=now)
        _end(row, reason=refusal.sentence, now=now)
    except Exception as error:
        # The edge of a loop that must survive: the next one is somebody else's.
        log.exception("slack_work_failed", row=row.pk, kind=row.kind, name=row.name)
        connection.close_if_unusable_or_obsolete()
        patiently = isinstance(error, TemporaryFailure)
        _again(row, reason=f"{type(error).__name__}: {error}", patiently=patiently, now=now)
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


def _again(row: SlackInbound, *, reason: str, patiently: bool, now: datetime) -> None:
    row.reason, row.lease_until = reason.replace("\0", " ")[:300], None
    if row.tries >= TRIES and not (patiently and now - row.received_at < PATIENCE):
        row.state, row.ended_at = SlackInbound.State.FAILED, now
    else:
        row.state = SlackInbound.State.PENDING
        row.not_before = now + timedelta(seconds=PAUSES_S[min(row.tries, len(PAUSES_S)) - 1])
    row.save(update_fields=["state", "reason", "ended_at", "lease_until", "not_before"])
