"""Put a message of an incident's channel into its timeline: by a pin reaction, or by the message's shortcut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from incidents.models import Incident
from incidents.operations.add_note import add_note
from people.actors import actor_for
from people.models import Person
from people.permissions import NOTE, may, require
from rooms.slack import people
from rooms.slack.client import call_now
from rooms.slack.inbound import tell
from rooms.slack.moving.declaring import permalink_of, plain_words
from rooms.slack.registry import Came, on
from rooms.slack.visibility import access_in_slack, incident_of_channel
from web.errors import NotFound

REACTIONS: Final = ("pushpin", "round_pushpin")
SHORTCUT: Final = "add_to_timeline"
LONGEST: Final = 4000


def register_pinning() -> None:
    """Let the doors know the reaction and the shortcut. A reaction taken back erases nothing: it was read."""
    on("event", "reaction_added", later=reacted)
    on("shortcut", SHORTCUT, later=chosen)


def reacted(came: Came) -> None:
    """Note the message that got a pin; of other reactions, other channels and those who may not note, nothing."""
    item = came.event.get("item")
    if came.event.get("reaction") not in REACTIONS or not isinstance(item, dict) or item.get("type") != "message":
        return
    channel_id, ts = str(item.get("channel") or ""), str(item.get("ts") or "")
    here = incident_of_channel(channel_id)
    if here is None or came.person is None or not may(came.person, NOTE):
        return
    incident = access_in_slack(came.person, here.pk)
    message = _message(channel_id, ts)
    if message is not None:
        _note(came, incident, came.person, channel_id=channel_id, message=message)


def chosen(came: Came) -> None:
    """Note the message that somebody chose, and say so. Raises `Refusal`."""
    person, here = came.person, incident_of_channel(came.channel_id)
    if person is None:
        raise NotFound(_("Muster does not know yet who you are."))
    require(person, NOTE)
    with translation.override(person.language):
        if here is None:
            raise NotFound(_("This is no incident's channel. Declare an incident from the message instead."))
        incident = access_in_slack(person, here.pk)
        message = came.payload.get("message")
        noted = isinstance(message, dict) and _note(came, incident, person, channel_id=came.channel_id, message=message)
        with transaction.atomic():
            tell(came, _("It is in the timeline.") if noted else _("It was in the timeline already."), now=came.now)


def _note(came: Came, incident: Incident, person: Person, *, channel_id: str, message: Mapping[str, Any]) -> bool:
    """Add the note once, whoever pins it and however often Slack says so; False when it was there."""
    ts = str(message.get("ts") or "")
    words = plain_words(str(message.get("text") or ""))[:LONGEST] or _("(a message without words)")
    author, where = _author(message), permalink_of(channel_id, ts)
    text = "\n".join(part for part in (f"“{words}”", author, where) if part)
    with transaction.atomic():
        if not _is_first(incident, channel_id=channel_id, ts=ts, came=came):
            return False
        add_note(incident_id=incident.pk, text=text, by=actor_for(person, via="slack"), now=came.now)
    return True


def _is_first(incident: Incident, *, channel_id: str, ts: str, came: Came) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rooms_slacknoted (channel_id, ts, incident_id, noted_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (channel_id, ts) DO NOTHING",
            [channel_id[:20], ts[:40], incident.pk, came.now],
        )
        return bool(cursor.rowcount == 1)


def _message(channel_id: str, ts: str) -> dict[str, Any] | None:
    """Return a message by its time stamp, also one within a thread; None when it is gone. Outside any transaction."""
    where = {"channel": channel_id, "latest": ts, "oldest": ts, "inclusive": True, "limit": 1}
    found = call_now("conversations.history", where).get("messages") or []
    if not found:
        found = call_now("conversations.replies", {"channel": channel_id, "ts": ts, "limit": 1}).get("messages") or []
    return next((each for each in found if isinstance(each, dict) and each.get("ts") == ts), None)


def _author(message: Mapping[str, Any]) -> str:
    user_id = str(message.get("user") or "")
    known = people.person_of(user_id) if user_id else None
    if known is not None:
        return known.name
    return str(message.get("username") or user_id)
