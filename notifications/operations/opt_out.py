"""The owner of an address told the provider to stop, or to go on again."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.transaction import TransactionManagementError

from engine import wake
from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from notifications.models import ContactMethod
from web import live

OWNER = Actor(kind="provider", id="", name="The owner of the number", via="sms")


def opt_out(*, address: str, channel: str, now: datetime) -> int:
    """Send nothing by `channel` to `address` any more, whosever contact method it is; return how many that stopped.

    Nothing may go there from now on: the provider would refuse it. What goes there by another channel goes on: a text
    with STOP must not silence the telephone. The readiness report shows who is unreachable by it.
    """
    return _mark(address=address, channel=channel, opted_out_at=now, verb="contact_method.opted_out", now=now)


def opt_in(*, address: str, channel: str, now: datetime) -> int:
    """Use `address` again after `opt_out`; return how many methods that brought back."""
    return _mark(address=address, channel=channel, opted_out_at=None, verb="contact_method.opted_in", now=now)


def has_opted_out(address: str, *, channel: str) -> bool:
    """Tell whether the owner of `address` has told the provider to stop."""
    return ContactMethod.objects.filter(channel=channel, address=address, opted_out_at__isnull=False).exists()


def _mark(*, address: str, channel: str, opted_out_at: datetime | None, verb: str, now: datetime) -> int:
    if not connection.in_atomic_block:
        raise TransactionManagementError("A change and its ledger entry are one transaction.")
    methods = list(
        ContactMethod.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person")
        .filter(channel=channel, address=address, opted_out_at__isnull=opted_out_at is not None)
        .order_by("pk")
    )
    if not methods:
        return 0
    ContactMethod.objects.filter(pk__in=[method.pk for method in methods]).update(opted_out_at=opted_out_at)
    append_all(
        [
            Event(
                subject="settings:people",
                verb=verb,
                by=OWNER,
                now=now,
                payload={
                    "person": str(method.person_id),
                    "name": method.person.name,
                    "contact_method": str(method.pk),
                    "channel": method.channel,
                },
            )
            for method in methods
        ]
    )
    wake.after_commit("emergency_contacts")
    live.changed(*(f"person:{method.person_id}" for method in methods), "settings")
    return len(methods)
