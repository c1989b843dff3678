"""Find the bridge that a typed PIN opens."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

from rooms.bridge.operations.admit import admit
from rooms.bridge.phones import owner_of
from rooms.bridge.rules import TRIES_IN, is_guessing
from rooms.models import Bridge, BridgeCaller, WrongBridgePin


def dial_in(*, pin: str, number: str, call: str, now: datetime) -> BridgeCaller | None:
    """Return the caller that a PIN let into a bridge, None for a wrong PIN, which is counted.

    While too many were wrong none is looked at, the right one included. Expects a transaction that is kept whatever
    comes of it.
    """
    WrongBridgePin.objects.filter(at__lte=now - TRIES_IN).delete()
    if is_locked(number=number, now=now):
        return None
    digits = "".join(sign for sign in pin if sign.isdigit())
    found = [bridge for bridge in open_bridges() if compare_digest(bridge.pin.encode(), digits.encode())]
    if not found:
        WrongBridgePin.objects.create(number=number[:20], at=now)
        return None
    how = BridgeCaller.How.DIALLED
    return admit(bridge=found[0], call=call, how=how, person=owner_of(number), number=number, now=now)


def is_locked(*, number: str, now: datetime) -> bool:
    """Tell whether PINs from this number are looked at no more for now."""
    wrong = list(WrongBridgePin.objects.filter(at__gt=now - TRIES_IN).values_list("number", "at"))
    return is_guessing(wrong=wrong, number=number[:20], is_ours=owner_of(number) is not None, now=now)


def open_bridges() -> list[Bridge]:
    """Return the bridges that somebody may come into, newest first."""
    found = Bridge.objects.filter(closed_at=None, ended_at=None).select_related("incident").order_by("-opened_at")
    return list(found)
