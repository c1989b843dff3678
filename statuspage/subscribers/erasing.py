"""Forget an address: nothing of it stays but a digest that proves that it was done."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Q

from ledger.actor import Actor
from ledger.operations.append import append
from statuspage.models import Subscriber
from statuspage.public_forms import digest_of

SUBJECT: Final = "settings:subscribers"


def erase(*, address: str, by: Actor, now: datetime) -> int:
    """Delete every subscription, letter and notice of an address, on all pages; return how many subscriptions.

    `address` is an e-mail address, number or web address in its canonical form; a mail address is forgotten as a
    webhook's contact too. The ledger keeps a keyed digest: asked again, it can be shown that this address was erased,
    and nobody can read the address from it. Repeatable.
    """
    wanted = address.strip()
    mine = Q(address=wanted) | Q(address=wanted.lower()) | Q(contact=wanted.lower())
    ids = list(Subscriber.objects.select_for_update().filter(mine).order_by("pk").values_list("pk", flat=True))
    Subscriber.objects.filter(pk__in=ids).delete()
    append(
        subject=SUBJECT,
        verb="subscriber.erased",
        by=by,
        now=now,
        payload={"digest": digest_of("erasure", wanted.lower()), "subscriptions": len(ids)},
    )
    return len(ids)
