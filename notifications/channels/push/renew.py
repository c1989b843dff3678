"""Follow a device whose browser changed its subscription by itself, without its owner and without a session."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare

from notifications.channels.push.subscription import NoSubscription, Subscription, loaded
from notifications.channels.push.turn_on import KIND, MOVED
from notifications.models import ContactMethod
from notifications.operations.contact_record import record_contact
from people.actors import actor_for
from people.models import Person


def renew_device(*, before: Subscription, fresh: Subscription, now: datetime) -> bool:
    """Ring at `fresh` whom we rang at `before`; return False when nobody is rung there.

    Whoever has the keys of the subscription before is that browser: push services never see them. One that was given up
    meanwhile is used again, one that rings for somebody else by now is not. Locks the person, then the contact method.
    """
    known = ContactMethod.objects.filter(channel=KIND, address=before.address, person__is_active=True)
    renewed = [_renewed(method, before=before, fresh=fresh, now=now) for method in known]
    return any(renewed)


@transaction.atomic
def _renewed(known: ContactMethod, *, before: Subscription, fresh: Subscription, now: datetime) -> bool:
    person = Person.objects.select_for_update(no_key=True).get(pk=known.person_id)
    method = ContactMethod.objects.select_for_update(no_key=True).filter(pk=known.pk, address=before.address).first()
    if method is None or method.disabled_reason == MOVED or not _is_its_browser(method, before):
        return False
    if ContactMethod.objects.filter(person=person, channel=KIND, address=fresh.address).exclude(pk=method.pk).exists():
        return False  # its owner was faster
    method.address, method.secret = fresh.address, fresh.dumped()
    method.verified_at, method.disabled_at, method.disabled_reason = now, None, ""
    method.save(update_fields=["address", "secret", "verified_at", "disabled_at", "disabled_reason"])
    record_contact(method, verb="contact_method.verified", by=actor_for(person, via="push"), now=now)
    return True


def _is_its_browser(method: ContactMethod, before: Subscription) -> bool:
    try:
        kept = loaded(method.secret)
    except NoSubscription:
        return False
    return constant_time_compare(f"{kept.p256dh}.{kept.auth}", f"{before.p256dh}.{before.auth}")
