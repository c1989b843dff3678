"""Take the provider's news of who came into a bridge and who left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from incidents.rules.numbers import seconds_between
from rooms.bridge.operations.admit import admit
from rooms.bridge.recording import as_actor, record
from rooms.models import Bridge, BridgeCaller

State = BridgeCaller.State
Word = Literal["joined", "left", "ended"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BridgeNews:
    """Who (`call`: the provider's id, "" where all are meant) did what."""

    call: str
    word: Word


def note_news(*, incident_id: UUID, news: BridgeNews, now: datetime) -> None:
    """Move a caller by the provider's news, and tell the timeline. A doubled word, or a late one about somebody who has
    left already, changes nothing; who left before their arrival was told has been there. Locks bridge, caller, head.
    """
    bridge = Bridge.objects.select_for_update(no_key=True).filter(pk=incident_id).first()
    if bridge is None:
        return
    bridge.looked_at = now
    bridge.save(update_fields=["looked_at"])
    if news.word == "ended":
        for caller in bridge.callers.filter(state=State.ON_LINE).select_related("person"):
            leave(bridge, caller, now=now)
        return
    known = bridge.callers.select_related("person").filter(call=news.call).first()
    # Nobody whom we let in: they are on the line all the same, and are shown.
    how = BridgeCaller.How.DIALLED
    caller = known or admit(bridge=bridge, call=news.call, how=how, person=None, number="", now=now)
    if news.word == "joined":
        join(bridge, caller, now=now)
    else:
        leave(bridge, caller, now=now)


def join(bridge: Bridge, caller: BridgeCaller, *, now: datetime) -> None:
    """Note that somebody is on the line; once. Expects the bridge's lock."""
    if caller.state in (State.ON_LINE, State.LEFT):
        return
    caller.state, caller.joined_at, caller.reason, caller.lease_until = State.ON_LINE, now, "", None
    caller.save(update_fields=["state", "joined_at", "reason", "lease_until"])
    record(bridge, "bridge.joined", by=as_actor(caller), now=now, payload={"name": caller.name, "how": caller.how})


def leave(bridge: Bridge, caller: BridgeCaller, *, now: datetime) -> None:
    """Note that somebody is on the line no more; once. Expects the bridge's lock."""
    if caller.state == State.LEFT:
        return
    join(bridge, caller, now=now)
    assert caller.joined_at is not None  # noqa: S101  (`join` came before)
    caller.state, caller.left_at = State.LEFT, now
    caller.save(update_fields=["state", "left_at"])
    stayed_s = max(0, round(seconds_between(caller.joined_at, now)))
    record(bridge, "bridge.left", by=as_actor(caller), now=now, payload={"name": caller.name, "stayed_s": stayed_s})


def lose(bridge: Bridge, caller: BridgeCaller, *, now: datetime) -> None:
    """Note that somebody who was led into the bridge hung up before they were in. Expects the bridge's lock."""
    if caller.state != State.JOINING:
        return
    caller.state, caller.reason, caller.lease_until = State.MISSED, "They hung up before they were in.", None
    caller.save(update_fields=["state", "reason", "lease_until"])
    record(bridge, "bridge.lost", by=as_actor(caller), now=now, payload={"name": caller.name})
