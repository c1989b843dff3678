"""Change how incidents appear in Slack."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.transaction import TransactionManagementError

from engine import wake
from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from rooms.models import SlackFollowed, SlackWorkspace
from rooms.slack.incident_rooms.naming import checked_template
from web import live
from web.errors import BadInput, NotFound

SETTINGS: Final = "settings:slack"
CHANNEL_ID: Final = re.compile(r"[CG][A-Z0-9]{5,19}")
DUTY: Final = "slack_rooms"


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """How a channel is named, where SEV1 and SEV2 are announced ("" nowhere), whether who is paged is invited, and
    whether a private incident gets a private channel; without that nothing of it appears in Slack."""

    channel_template: str
    announce_channel: str
    invite_responders: bool
    private_channels: bool


def change_rooms(*, rooms: Rooms, by: Actor, now: datetime) -> SlackWorkspace:
    """Set how incidents appear in Slack; what is open follows within seconds. Locks the workspace.

    Raises `BadInput` for a template without a number or a channel's name instead of its id, `NotFound` without a
    workspace.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Settings are changed in one transaction with the ledger's entry.")
    wanted = {
        **asdict(rooms),
        "channel_template": checked_template(rooms.channel_template),
        "announce_channel": _channel(rooms.announce_channel),
    }
    room = SlackWorkspace.objects.select_for_update(no_key=True).order_by("-checked_at").first()
    if room is None:
        raise NotFound("No workspace is connected yet. Set Slack's tokens first.")
    before = {name: getattr(room, name) for name in wanted}
    if before == wanted:
        return room
    for name, value in wanted.items():
        setattr(room, name, value)
    room.save(update_fields=list(wanted))
    # Every room that is followed is looked at anew: a private one may get its channel now.
    SlackFollowed.objects.filter(finished=False).update(seq=0)
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    append_all([Event(subject=SETTINGS, verb="slack.rooms_changed", by=by, now=now, payload=changed)])
    wake.after_commit(DUTY)
    live.changed("settings")
    return room


def _channel(text: str) -> str:
    found = text.strip().upper()
    if found and not CHANNEL_ID.fullmatch(found):
        sentence = "Give the channel's id, such as C012AB3CD: it stands at the end of the channel's details in Slack."
        raise BadInput(sentence, errors={"announce_channel": sentence})
    return found
