"""The duty "slack_rooms": each incident's channel is brought to what is so now.

It looks at how long an incident's ledger chain is. Whatever happens about an incident is an entry there, its calls and
the words to customers included, so one comparison finds every change, also what happened while Slack or this was down.
Nothing here calls Slack: what is to be said is written into the outbox in the transaction that remembers it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import connection, transaction

from engine.duties import Duty, Tick, register
from incidents.models import Incident
from rooms.models import SlackChannel, SlackFollowed, SlackOutgoing, SlackWorkspace
from rooms.slack.home.publishing import mark_stale, refresh_homes
from rooms.slack.incident_rooms.channel import (
    CREATED,
    DUTY,
    archive,
    keep_channel,
    keep_members,
    keep_topic,
    unarchive,
)
from rooms.slack.incident_rooms.drafts import keep_drafts
from rooms.slack.incident_rooms.posting import keep_announcement, keep_summary
from rooms.slack.visibility import appears
from rooms.slack.workspace import is_set_up, workspace

BATCH: Final = 50
MOST_ASKED_FOR: Final = 5
"""Channels that wait to be made by Slack, which takes about twenty a minute. In a storm the other incidents wait here,
where the gravest goes first and a thousand of them cost nothing."""
GRAVE: Final = 2
"""Down to this severity an incident's channel is asked for at once, whatever waits."""
OVER: Final = (Incident.Status.CLOSED, Incident.Status.DECLINED, Incident.Status.MERGED)

log = structlog.get_logger(__name__)

# Those never looked at (or open again), then those whose chain has grown; by index, and nothing that is over is read.
_CHANGED: Final = """
WITH fresh AS (
    SELECT i.id, i.severity, i.number FROM incidents_incident i
    LEFT JOIN rooms_slackfollowed f ON f.incident_id = i.id
    WHERE i.status IN ('triage', 'investigating', 'identified', 'monitoring') AND (f.incident_id IS NULL OR f.finished)
)
SELECT found.id FROM (
    SELECT * FROM fresh WHERE severity <= %(grave)s
    UNION ALL
    (SELECT * FROM fresh WHERE severity > %(grave)s ORDER BY severity, number LIMIT %(places)s)
    UNION ALL
    SELECT i.id, i.severity, i.number FROM rooms_slackfollowed f
    JOIN ledger_head h ON h.subject = 'incident:' || f.incident_id JOIN incidents_incident i ON i.id = f.incident_id
    WHERE NOT f.finished AND h.seq > f.seq
) AS found ORDER BY found.severity, found.number LIMIT %(batch)s
"""


def register_following() -> None:
    """Tell the engine; called once, when the app is ready."""
    register(Duty(name=DUTY, run=follow, budget_s=30.0))


def follow(tick: Tick) -> int:
    """Bring the channels of changed incidents, and the open Home tabs, to what is so now; return how many were."""
    room = workspace()
    if room is None or room.error or not is_set_up():
        return 0
    done = 0
    for incident_id in _changed():
        if tick.out_of_time():
            break
        try:
            done += follow_incident(incident_id, room=room, now=tick.now)
        except Exception:
            # One incident that fails stops no other; it is tried again at the next look.
            log.exception("slack_room_not_followed", incident=str(incident_id))
    if done:
        mark_stale()
    return done + refresh_homes(now=tick.now)


def _changed() -> list[UUID]:
    """Return incidents to bring up, the gravest first; new ones only as far as Slack keeps up with making channels."""
    asked_for = SlackOutgoing.objects.filter(purpose=CREATED, state__in=("pending", "sending")).exclude(lane="")
    values = {"grave": GRAVE, "places": max(0, MOST_ASKED_FOR - asked_for.count()), "batch": BATCH}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, values)
        return [row[0] for row in cursor.fetchall()]


def follow_incident(incident_id: UUID, *, room: SlackWorkspace, now: datetime) -> bool:
    """Bring one incident's channel to what is so now, in one transaction; False when somebody else is at it."""
    with transaction.atomic():
        SlackFollowed.objects.bulk_create([SlackFollowed(incident_id=incident_id)], ignore_conflicts=True)
        mine = SlackFollowed.objects.select_for_update(no_key=True, skip_locked=True).filter(incident=incident_id)
        followed = mine.first()
        if followed is None:
            return False
        # Before everything that is read below: what comes in between is another change.
        followed.seq = _length_of(incident_id)
        incident = Incident.objects.select_related("service").get(pk=incident_id)
        if appears(incident, room=room):
            _bring_up(incident, followed, room=room, now=now)
        followed.finished = incident.status in OVER
        followed.save()
    return True


def _bring_up(incident: Incident, followed: SlackFollowed, *, room: SlackWorkspace, now: datetime) -> None:
    row = keep_channel(incident, followed, room=room, now=now)
    if row is not None and row.state == SlackChannel.State.ARCHIVED and incident.status not in OVER:
        unarchive(row, now=now)
    if row is not None and row.state == SlackChannel.State.OPEN:
        if incident.status not in OVER:
            keep_members(incident, row, room=room, now=now)
        keep_topic(incident, row, followed, now=now)
        keep_summary(incident, row, followed, now=now)
        keep_drafts(incident, row, now=now)
    keep_announcement(incident, row, followed, room=room, now=now)
    if row is not None and row.state == SlackChannel.State.OPEN and incident.status in OVER:
        archive(row, now=now)


def _length_of(incident_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM ledger_head WHERE subject = %s", [f"incident:{incident_id}"])
        found = cursor.fetchone()
    return int(found[0]) if found else 0
