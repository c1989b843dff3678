"""Answers to a text that was about several pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.by_text.words import line_of
from notifications.inbound import Asked, answer, asked_by_delivery
from notifications.models import Delivery, Page, Responder

ANSWERED = (Responder.State.ACKNOWLEDGED, Responder.State.DECLINED)


def asked_together(asked: Asked, *, now: datetime) -> list[Asked]:
    """Return what the text that `asked` went out with was about and still wants its reader's answer, oldest first.

    Of one page alone that is this page, until it is answered; empty when nothing is left.
    """
    ref, address = Delivery.objects.values_list("provider_ref", "address").get(pk=asked.delivery_id)
    if not ref:
        return []
    waiting = Delivery.objects.filter(
        provider_ref=ref, address=address, person=asked.person, page__state__in=(Page.State.PAGING, "acknowledged")
    ).order_by("pk")
    answered = set(
        Responder.objects.filter(
            page__deliveries__provider_ref=ref, person=asked.person, state__in=ANSWERED
        ).values_list("page_id", flat=True)
    )
    return [asked_by_delivery(each.pk, now=now) for each in waiting if each.page_id not in answered]


def which_of(together: Sequence[Asked]) -> str:
    """Return how one of several pages is named."""
    with translation.override(together[0].person.language):
        pages = "; ".join(line_of(each.message) for each in together)
        return _("Which one? %(pages)s. Reply 1 %(code)s for one, or ACK ALL.") % {
            "pages": pages,
            "code": together[0].message.code,
        }


def acknowledge_all(together: Sequence[Asked], *, provider: str, key: str, now: datetime) -> str:
    """Acknowledge each page, in a transaction of its own: each locks its page and then its ledger. Return what became
    of them. A double changes nothing and hears the same."""
    person = together[0].person
    said = {
        each.page.pk: answer(
            each, verb="acknowledge", via="sms", provider=provider, key=f"{key}:{each.page.pk}", now=now
        )
        for each in together
    }
    taken = set(
        Responder.objects.filter(page__in=said, person=person, state=Responder.State.ACKNOWLEDGED).values_list(
            "page_id", flat=True
        )
    )
    with translation.override(person.language):
        codes = ", ".join(each.message.code for each in together if each.page.pk in taken)
        parts = [_("You have acknowledged %(codes)s.") % {"codes": codes}] if codes else []
        parts += [f"{each.message.code}: {said[each.page.pk]}" for each in together if each.page.pk not in taken]
        return " ".join(parts)
