"""What the bridge asks of the carrier itself: a call, who is in a conference, its end. Network, so no transaction."""

from __future__ import annotations

from django.conf import settings

from notifications.channels.twilio import client
from notifications.channels.twilio.voice import RING_S
from rooms.models import BridgeCaller


def trouble() -> str:
    """Return what is missing before there can be bridges, as a sentence; "" when nothing is."""
    return client.trouble()


def dial(caller: BridgeCaller) -> str:
    """Call somebody and return the carrier's id of the call; raises as a channel's `send` does."""
    address = f"{settings.PUBLIC_URL}/twilio/bridge/call/{caller.pk}"
    call = client.client().calls.create(
        to=caller.number,
        from_=settings.TWILIO_FROM,
        url=address,
        method="POST",
        timeout=RING_S,
        status_callback=f"{address}/status",
        status_callback_event=["completed"],
    )
    return str(call.sid)


def on_the_line(room: str) -> set[str]:
    """Return the ids of the calls that are in a conference now; raises as a channel's `send` does."""
    found: set[str] = set()
    for conference in _live(room):
        found |= {str(each.call_sid) for each in client.client().conferences(conference).participants.list(limit=200)}
    return found


def end(room: str) -> None:
    """Let everybody in a conference go; raises as a channel's `send` does."""
    for conference in _live(room):
        client.client().conferences(conference).update(status="completed")


def _live(room: str) -> list[str]:
    conferences = client.client().conferences
    ids = [str(each.sid) for each in conferences.list(friendly_name=room, status="in-progress", limit=5)]
    return ids + [str(each.sid) for each in conferences.list(friendly_name=room, status="init", limit=5)]
