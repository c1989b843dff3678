"""What follows from a delivery that arrived or failed, beyond the delivery itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from engine import wake
from ledger.actor import Actor
from ledger.operations.append import append
from notifications.models import ContactMethod, Page, PageRecheck, Responder
from notifications.operations.alarm_administrators import alarm_administrators
from notifications.operations.next_method import bring_forward
from notifications.operations.outbox import CALLS
from notifications.registry import subjects
from people.models import Person
from web import live

PROVIDER = Actor.system(via="provider")


def take_next_way(*, page: Page | None, person_id: UUID, kind: str, now: datetime, instead_of: str = "") -> None:
    """Let the person's next method come at once, if the page still calls them. Expects the page's lock.

    `instead_of` is a kind of message that is held up, if that is why.
    """
    if page is None or kind not in CALLS or not page.is_open:
        return
    bring_forward(page=page, person=Person.objects.get(pk=person_id), now=now, instead_of=instead_of)


def is_still_called(*, page: Page | None, person_id: UUID) -> bool:
    """Tell whether the page still waits for this person's answer. Expects the page's lock."""
    if page is None or page.state != Page.State.PAGING:
        return False
    answered = (Responder.State.ACKNOWLEDGED, Responder.State.DECLINED)
    return not Responder.objects.filter(page=page, person_id=person_id, state__in=answered).exists()


def mark_reached(*, page: Page, person_id: UUID, now: datetime) -> None:
    """Note that some message reached the person; it is no answer. Expects the page's lock."""
    reached = Responder.objects.filter(page=page, person_id=person_id, state=Responder.State.CALLED).update(
        state=Responder.State.DELIVERED, delivered_at=now
    )
    if reached:
        tell_reached(page=page, now=now)


def tell_reached(*, page: Page, now: datetime) -> None:
    """Tell the floor above that somebody of this page was reached. Expects the page's lock."""
    if page.subject:
        PageRecheck.objects.create(subject=page.subject, created_at=now)
        subjects.wake_after_commit([page.subject])
        live.changed(page.subject)


def disable_contact_method(
    contact_method_id: UUID | None, *, reason: str, code: str, now: datetime, opted_out: bool = False
) -> None:
    """Switch a contact method off because its address is wrong for good, or its owner opted out, and record why.

    A transaction of its own, before the delivery's: the ledger's heads are then never taken in two orders.
    """
    if contact_method_id is None:
        return
    sentence = f"{reason} ({code})" if code else reason
    with transaction.atomic():
        usable = ContactMethod.objects.filter(pk=contact_method_id, disabled_at=None, opted_out_at=None)
        if opted_out:
            disabled = usable.update(opted_out_at=now)
        else:
            disabled = usable.update(disabled_at=now, disabled_reason=sentence[:200])
        if disabled:
            method = ContactMethod.objects.select_related("person").get(pk=contact_method_id)
            append(
                subject="settings:people",
                verb="contact_method.opted_out" if opted_out else "contact_method.disabled",
                by=PROVIDER,
                now=now,
                payload={
                    "person": str(method.person_id),
                    "name": method.person.name,
                    "contact_method": str(method.pk),
                    "channel": method.channel,
                    "code": code,
                },
                personal=f"{method.address}: {sentence}",
            )
            wake.after_commit("emergency_contacts")
            live.changed(f"person:{method.person_id}", "settings")


def alarm_about_configuration(*, channel: str, kind: str, code: str, detail: str, now: datetime) -> None:
    """Tell the administrators that a channel can't send because of how it is set up; an alarm that fails is silent."""
    if kind == "alarm":
        return
    sentence = _("Messages by %(channel)s do not go out: %(detail)s") % {"channel": channel, "detail": detail}
    alarm_administrators(cause=f"channel:{channel}:{code or 'configuration'}"[:100], sentence=sentence, now=now)
