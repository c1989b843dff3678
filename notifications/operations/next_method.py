"""Bring a person's next contact method forward: the one before it failed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from engine import wake
from ledger.actor import Actor
from notifications.models import ContactMethod, Delivery, Page, Responder
from notifications.operations import outbox
from notifications.operations.carrier_standings import Standings
from notifications.operations.page_news import PageNews
from notifications.page_trouble import policy_of
from notifications.queries import standings
from notifications.rules.escalation import is_waiting_in_vain
from people.models import Person

ENGINE: Final = Actor.system()
SILENT: Final = (Responder.State.CALLED, Responder.State.DELIVERED)
ON_ITS_WAY: Final = (Delivery.State.PENDING, Delivery.State.SENDING, Delivery.State.SENT, Delivery.State.DELIVERED)


def bring_forward(*, page: Page, person: Person, now: datetime, instead_of: str = "") -> Delivery | None:
    """Send the person's next message of this page now; return it, None when there is none to send.

    The next one is their earliest pending delivery not tried yet; else a usable contact method this round has not
    used. When nothing of this round arrived or may soon arrive either, they are unreachable: visible, and the next
    level is called at once if nobody else may still answer. Does nothing for somebody who has answered. `instead_of` is
    a kind of message that is held up: another one of that kind would wait as long.
    Expects the page's lock (taken before any delivery's); the ledger's head is locked last.
    """
    responder = Responder.objects.filter(page=page, person=person, state__in=SILENT).first()
    if responder is None or not page.is_open:
        return None
    own = Delivery.objects.filter(page=page, person=person, kind=Delivery.Kind.PAGE, created_at__gte=page.paging_since)
    untried = own.filter(state=Delivery.State.PENDING, tries=0).exclude(channel=instead_of)
    waiting = untried.order_by("not_before", "pk").first()
    if waiting is not None:
        return _send_now(waiting, now=now)
    round_ = own.filter(round=responder.round)
    used = round_.exclude(contact_method=None).values("contact_method")
    fresh = person.contact_methods.exclude(pk__in=used).exclude(channel=instead_of).order_by("created_at", "pk")
    method = min((m for m in fresh if m.usable and person.is_active), key=lambda m: m.verified_at is None, default=None)
    if method is not None:
        return _post(page, person, responder, method, now=now)
    if _is_in_vain(round_):
        _give_up(page, person, responder, now=now)
    return None


def _is_in_vain(deliveries: QuerySet[Delivery, Delivery]) -> bool:
    """Tell whether none of these arrived or may soon. What waits for a kind whose every provider is passed over goes on
    being tried, but is not waited for."""
    on_its_way = set(deliveries.filter(state__in=ON_ITS_WAY).order_by().values_list("state", "channel"))
    if any(state != Delivery.State.PENDING for state, _ in on_its_way):
        return False
    breakers = Standings.read() if on_its_way else Standings(open={})
    return all(each.open for _, kind in on_its_way for each in breakers.of(kind))


def _send_now(delivery: Delivery, *, now: datetime) -> Delivery:
    if delivery.not_before > now:
        delivery.not_before = now
        delivery.save(update_fields=["not_before"])
    outbox.hand_over_after_commit([delivery])
    return delivery


def _post(page: Page, person: Person, responder: Responder, method: ContactMethod, *, now: datetime) -> Delivery:
    (delivery,) = outbox.post(
        [
            Delivery(
                page=page,
                person=person,
                contact_method=method,
                channel=method.channel,
                address=method.address,
                urgency=page.urgency,
                severity=page.severity,
                level=responder.level,
                round=responder.round,
                not_before=now,
                created_at=now,
            )
        ]
    )
    return delivery


def _give_up(page: Page, person: Person, responder: Responder, *, now: datetime) -> None:
    responder.state = Responder.State.UNREACHABLE
    responder.save(update_fields=["state"])
    news = PageNews(by=ENGINE, now=now)
    news.trouble(page, [f"{person.name} could not be reached by any contact method."])
    if page.state == Page.State.PAGING and is_waiting_in_vain(standings([page])[page.pk], policy=policy_of(page)):
        page.next_step_at = now
        wake.after_commit("pages")
    page.save(update_fields=["trouble", "next_step_at"])
    news.touch(page, str(person.pk))
    news.publish()
