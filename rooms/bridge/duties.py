"""What is due for bridges: open those that grave incidents need, dial who is called in, close what is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from engine.duties import Duty, Tick, register
from incidents.models import Incident
from ledger.actor import Actor
from notifications.channels.base import ChannelFailure, OutcomeUnknown
from rooms.bridge import carrier
from rooms.bridge.operations.call_in import miss
from rooms.bridge.operations.note_news import join, leave, lose
from rooms.bridge.operations.open_bridge import open_bridge
from rooms.bridge.recording import record
from rooms.bridge.rules import GRAVE, closing
from rooms.models import Bridge, BridgeCaller

ENGINE: Final = Actor.system()
LEASE: Final = timedelta(seconds=15)
RINGS_AT_MOST: Final = timedelta(minutes=3)
"""A call in that was placed so long ago without any news is not coming."""
LOOK_AGAIN: Final = timedelta(seconds=60)
"""How old what we know of who is on the line may be: news of somebody leaving can get lost."""
MOST: Final = 20
State = BridgeCaller.State

log = structlog.get_logger(__name__)


def register_duties() -> None:
    """Have bridges looked after every second."""
    register(Duty(name="bridges", run=look_after_bridges, budget_s=30.0))


def look_after_bridges(tick: Tick) -> int:
    """Do what is due; return how many bridges and callers were moved. Without telephony there is nothing to do."""
    if carrier.trouble():
        return 0
    return _open_needed(tick.now) + _dial_wanted(tick) + _give_up_silent(tick.now) + _close_ended(tick) + _recount(tick)


def _open_needed(now: datetime) -> int:
    grave = Incident.objects.filter(status__in=Incident.OPEN, severity__lte=GRAVE)
    without = grave.exclude(bridge__closed_at=None, bridge__isnull=False).order_by("severity", "opened_at")[:MOST]
    opened = 0
    for incident in without:
        with transaction.atomic():
            fresh = Incident.objects.get(pk=incident.pk)
            if fresh.is_open:
                open_bridge(incident=fresh, by=ENGINE, now=now)
                opened += 1
    return opened


def _dial_wanted(tick: Tick) -> int:
    dialled = 0
    while not tick.out_of_time() and (caller := _claim(tick.now)) is not None:
        dialled += 1
        try:
            call = carrier.dial(caller)
        except OutcomeUnknown:
            # It may ring: its news name this caller, and without any it is given up.
            continue
        except ChannelFailure as failure:
            _missed(caller, reason=failure.detail, now=tick.now)
        else:
            BridgeCaller.objects.filter(pk=caller.pk, call="").update(call=call)
    return dialled


def _claim(now: datetime) -> BridgeCaller | None:
    """Take the next one to dial; none is dialled twice, whatever becomes of this process."""
    with transaction.atomic():
        wanted = BridgeCaller.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        caller = wanted.filter(state=State.WANTED).select_related("bridge__incident").order_by("created_at").first()
        if caller is not None:
            caller.state, caller.lease_until = State.CALLING, now + RINGS_AT_MOST
            caller.save(update_fields=["state", "lease_until"])
    return caller


def _missed(caller: BridgeCaller, *, reason: str, now: datetime) -> None:
    with transaction.atomic():
        bridge = Bridge.objects.select_for_update(no_key=True).get(pk=caller.bridge_id)
        miss(bridge=bridge, caller=bridge.callers.get(pk=caller.pk), reason=reason, now=now)


def _give_up_silent(now: datetime) -> int:
    silent = list(BridgeCaller.objects.filter(state=State.CALLING, lease_until__lte=now)[:MOST])
    for caller in silent:
        _missed(caller, reason="Nothing was heard of the call.", now=now)
    return len(silent)


def _close_ended(tick: Tick) -> int:
    moved = 0
    for bridge in Bridge.objects.filter(ended_at=None).exclude(incident__status__in=Incident.OPEN)[:MOST]:
        moved += _close(bridge, now=tick.now)
    for bridge in Bridge.objects.filter(ended_at=None, closed_at__isnull=False)[:MOST]:
        if tick.out_of_time():
            break
        moved += _end(bridge, now=tick.now)
    reopened = Bridge.objects.filter(closed_at=None, closing_at__isnull=False, incident__status__in=Incident.OPEN)
    return moved + reopened.update(closing_at=None)


def _close(found: Bridge, *, now: datetime) -> int:
    with transaction.atomic():
        bridge = Bridge.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").get(pk=found.pk)
        on_line = bridge.callers.filter(state=State.ON_LINE).exists()
        at = closing(
            incident_open=bridge.incident.is_open, anybody_on_line=on_line, closing_at=bridge.closing_at, now=now
        )
        if bridge.closed_at is not None or (at is not None and at > now and at == bridge.closing_at):
            return 0
        bridge.closing_at = at
        if at is None or at > now:
            bridge.save(update_fields=["closing_at"])
            return 1
        bridge.closed_at = now
        bridge.save(update_fields=["closing_at", "closed_at"])
        for caller in bridge.callers.filter(state__in=(State.WANTED, State.CALLING)):
            miss(bridge=bridge, caller=caller, reason="The incident is over.", now=now)
        record(bridge, "bridge.closed", by=ENGINE, now=now)
    return 1


def _end(bridge: Bridge, *, now: datetime) -> int:
    """Have the carrier let everybody go; tried again at the next look until it did."""
    try:
        carrier.end(bridge.room)
    except ChannelFailure as failure:
        log.warning("bridge_not_ended", incident=str(bridge.pk), detail=failure.detail)
        return 0
    return Bridge.objects.filter(pk=bridge.pk, room=bridge.room, ended_at=None).update(ended_at=now)


def _recount(tick: Tick) -> int:
    """Ask the carrier who is on the line where nothing was heard for a while: a lost word leaves nobody there, and
    nobody on their way who hung up."""
    old = BridgeCaller.objects.filter(state=State.ON_LINE, joined_at__lte=tick.now - LOOK_AGAIN)
    unsure = Q(pk__in=_led_in(tick.now).values("bridge"))
    stale = Bridge.objects.filter(unsure | Q(pk__in=old.values("bridge"), looked_at__lte=tick.now - LOOK_AGAIN))
    moved = 0
    for bridge in stale[:MOST]:
        if tick.out_of_time():
            break
        try:
            present = carrier.on_the_line(bridge.room)
        except ChannelFailure as failure:
            log.warning("bridge_not_counted", incident=str(bridge.pk), detail=failure.detail)
            break
        moved += _believe(bridge, present=present, now=tick.now)
    return moved


def _led_in(now: datetime) -> QuerySet[BridgeCaller, BridgeCaller]:
    """Return who was led into a bridge so long ago that somebody should have heard of them."""
    return BridgeCaller.objects.filter(state=State.JOINING, lease_until__lte=now)


def _believe(found: Bridge, *, present: set[str], now: datetime) -> int:
    """Move the callers of a bridge to where the carrier says that they are."""
    with transaction.atomic():
        bridge = Bridge.objects.select_for_update(no_key=True).get(pk=found.pk)
        bridge.looked_at = now
        bridge.save(update_fields=["looked_at"])
        absent = bridge.callers.filter(state=State.ON_LINE, joined_at__lte=now - LOOK_AGAIN).exclude(call__in=present)
        for caller in absent.select_related("person"):
            leave(bridge, caller, now=now)
        for caller in _led_in(now).filter(bridge=bridge).select_related("person"):
            (join if caller.call in present else lose)(bridge, caller, now=now)
    return 1
