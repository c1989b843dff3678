"""Who may be in a private incident's channel: whoever may see the incident, and nobody else."""

from __future__ import annotations

import structlog
from django.db import transaction

from incidents.queries import audible_incidents
from people.models import Person
from rooms.models import SlackChannel
from rooms.slack.client import post_later
from rooms.slack.registry import Came, on
from rooms.slack.workspace import workspace

log = structlog.get_logger(__name__)


def register_guarding() -> None:
    """Let the doors know who joined. Anybody in a private channel can add others in Slack, whom we may not know."""
    on("event", "member_joined_channel", later=joined, strangers=True)


def joined(came: Came) -> None:
    """Send somebody out of a private incident's channel who may not see the incident."""
    room = workspace()
    row = SlackChannel.objects.filter(channel_id=came.channel_id, private=True).first() if came.channel_id else None
    if row is None or room is None or came.user_id == room.bot_user_id or _may_see(came.person, row):
        return
    log.warning("slack_stranger_sent_out", channel=row.channel_id, user=came.user_id)
    with transaction.atomic():
        post_later(
            "conversations.kick",
            {"channel": row.channel_id, "user": came.user_id},
            latest=f"kick:{row.channel_id}:{came.user_id}",
            now=came.now,
        )


def _may_see(person: Person | None, row: SlackChannel) -> bool:
    return person is not None and row.incident_id in audible_incidents(person, [row.incident_id])
