"""An incident's channel: asked for, named anew where the name is taken, filled with people, archived at the end.

All of it goes through the outbox in the caller's transaction; what Slack answered is heard in transactions of the
outbox's own. Both write the incident's `SlackFollowed`, so that the next look goes on from there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db.models import Q

from engine import wake
from incidents.models import Incident, RoleAssignment
from notifications.models import Responder
from people.models import Person
from rooms.models import SlackChannel, SlackFollowed, SlackOutgoing, SlackUser, SlackWorkspace
from rooms.slack import outcomes
from rooms.slack.client import post_later
from rooms.slack.incident_rooms.naming import channel_name
from rooms.slack.incident_rooms.summary import topic_of
from rooms.slack.workspace import workspace
from web import live

CREATED: Final = "slack_channel"
UNARCHIVED: Final = "slack_unarchived"
INVITED: Final = "slack_invitation"
DUTY: Final = "slack_rooms"
MOST_NAMES: Final = 20
LAST_WORDS: Final = timedelta(seconds=2)
OPEN: Final = SlackChannel.State.OPEN

log = structlog.get_logger(__name__)


def register_channel() -> None:
    """Let the outbox tell what became of a channel."""
    outcomes.register(CREATED, hear_of_channel)
    outcomes.register(UNARCHIVED, hear_of_unarchiving)


def keep_channel(
    incident: Incident, followed: SlackFollowed, *, room: SlackWorkspace, now: datetime
) -> SlackChannel | None:
    """Return the incident's channel, asked for where there is none yet; None for one that ended before it had any."""
    row = SlackChannel.objects.filter(incident=incident).first()
    if row is None and incident.is_open:
        row = SlackChannel.objects.create(
            incident=incident,
            name=_name(incident, followed, room=room),
            # An incident that is made private later keeps the channel it has; nothing more of it is said there.
            private=incident.private,
            created_at=now,
        )
        _ask(row, now=now)
    return row


def keep_members(incident: Incident, row: SlackChannel, *, room: SlackWorkspace, now: datetime) -> None:
    """Invite whoever takes part and is linked, each once and apart: one whom Slack refuses keeps nobody else out.

    Who left the channel is not dragged back.
    """
    for user_id in _members(incident, responders=room.invite_responders or row.private):
        post_later(
            "conversations.invite",
            {"channel": row.channel_id, "users": user_id},
            dedup=f"invite:{row.channel_id}:{user_id}",
            purpose=INVITED,
            now=now,
        )


def keep_topic(incident: Incident, row: SlackChannel, followed: SlackFollowed, *, now: datetime) -> None:
    """Set the channel's topic where it says something else than it should."""
    topic = topic_of(incident)
    if followed.topic != topic:
        followed.topic = topic
        post_later(
            "conversations.setTopic",
            {"channel": row.channel_id, "topic": topic},
            latest=f"topic:{row.channel_id}",
            now=now,
        )


def archive(row: SlackChannel, *, now: datetime) -> None:
    """Archive the channel of an incident that is over, after the summary was written for the last time."""
    row.state = SlackChannel.State.ARCHIVED
    row.save(update_fields=["state"])
    last_words = max(now, row.summary_at or now) + LAST_WORDS
    post_later(
        "conversations.archive",
        {"channel": row.channel_id},
        latest=f"archive:{row.channel_id}",
        not_before=last_words,
        now=now,
    )


def unarchive(row: SlackChannel, *, now: datetime) -> None:
    """Ask for the channel back: its incident is open again. Slack refuses that to most apps; then a new one is made."""
    row.state = SlackChannel.State.CREATING
    row.save(update_fields=["state"])
    post_later(
        "conversations.unarchive",
        {"channel": row.channel_id},
        # In place of an archiving that still waits.
        latest=f"archive:{row.channel_id}",
        purpose=UNARCHIVED,
        subject=str(row.incident_id),
        now=now,
    )


def hear_of_unarchiving(sent: SlackOutgoing, answer: dict[str, Any] | None) -> None:
    """Go on in the channel that is back, or in a new one."""
    row = locked_channel(sent.subject)
    if row is None or row.state != SlackChannel.State.CREATING:
        return
    if answer is not None:
        row.state = OPEN
    elif _rename(row):
        row.channel_id = row.summary_ts = row.summary_digest = ""
        row.summary_at = None
        SlackFollowed.objects.filter(incident_id=row.incident_id).update(topic="", asked_summary_at=None)
        _ask(row, now=sent.ended_at or sent.not_before)
    else:
        row.state, row.error = SlackChannel.State.FAILED, sent.reason[:300]
    row.save()
    look_again(row.incident_id)


def hear_of_channel(sent: SlackOutgoing, answer: dict[str, Any] | None) -> None:
    """Keep the channel's id; where the name is taken ask for the next one; keep the reason of anything else.

    One that failed may have been asked for once more from the settings screen.
    """
    row = locked_channel(sent.subject)
    if row is None or row.state not in (SlackChannel.State.CREATING, SlackChannel.State.FAILED):
        return
    if answer is not None and isinstance(made := answer.get("channel"), dict):
        row.channel_id, row.name = str(made.get("id", "")), str(made.get("name") or row.name)[:80]
        row.state, row.error = OPEN, ""
    elif sent.code == "name_taken" and _rename(row):
        row.state = SlackChannel.State.CREATING
        _ask(row, now=sent.ended_at or sent.not_before)
    else:
        row.state, row.error = SlackChannel.State.FAILED, sent.reason[:300]
        log.warning("slack_channel_not_made", incident=str(row.incident_id), code=sent.code)
    row.save(update_fields=["channel_id", "name", "state", "error"])
    look_again(row.incident_id)


def lock_followed(incident_id: UUID | str) -> SlackFollowed | None:
    """Lock what is known of an incident's channel. The duty and whoever hears Slack's answers take this lock first."""
    return SlackFollowed.objects.select_for_update(no_key=True).filter(incident_id=incident_id).first()


def locked_channel(incident_id: UUID | str) -> SlackChannel | None:
    """Return an incident's channel under the lock of `lock_followed`, None where there is none."""
    lock_followed(incident_id)
    return SlackChannel.objects.select_related("incident").filter(incident_id=incident_id).first()


def look_again(incident_id: UUID | str) -> None:
    """Let the duty look at an incident anew, whatever it knew of it."""
    SlackFollowed.objects.filter(incident_id=incident_id).update(seq=0)
    live.changed(f"incident:{incident_id}")
    wake.after_commit(DUTY)


def takes_part(incident: Incident, *, responders: bool) -> set[UUID]:
    """Return who takes part: who declared it, holds or held a role and, with `responders`, whom its pages called."""
    found: set[UUID] = {incident.declared_by_id} if incident.declared_by_id is not None else set()
    found |= set(RoleAssignment.objects.filter(incident=incident).values_list("person", flat=True))
    if responders:
        found |= set(Responder.objects.filter(page__subject=incident.subject).values_list("person", flat=True))
    return found


def _members(incident: Incident, *, responders: bool) -> list[str]:
    ids = takes_part(incident, responders=responders)
    active = Person.objects.active().filter(pk__in=ids)
    return list(SlackUser.objects.filter(Q(person__in=active)).order_by("pk").values_list("user_id", flat=True))


def _ask(row: SlackChannel, *, now: datetime) -> None:
    post_later(
        "conversations.create",
        {"name": row.name, "is_private": row.private},
        lane=f"create:{row.incident_id}",
        purpose=CREATED,
        subject=str(row.incident_id),
        now=now,
    )


def _name(incident: Incident, followed: SlackFollowed, *, room: SlackWorkspace) -> str:
    return channel_name(
        room.channel_template,
        number=incident.number,
        title=incident.title,
        severity=incident.severity,
        year=incident.opened_at.year,
        private=incident.private,
        again=followed.names_tried,
    )


def _rename(row: SlackChannel) -> bool:
    followed, room = SlackFollowed.objects.filter(incident=row.incident_id).first(), workspace()
    if followed is None or room is None or followed.names_tried >= MOST_NAMES:
        return False
    followed.names_tried += 1
    followed.save(update_fields=["names_tried"])
    row.name = _name(row.incident, followed, room=room)
    return True
