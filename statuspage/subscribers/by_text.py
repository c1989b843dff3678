"""Subscribers who text back: YES confirms, STOP ends, HELP explains."""

from __future__ import annotations

from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from notifications.strangers import Text, register
from statuspage.addresses import public_address
from statuspage.models import Letter, Subscriber
from statuspage.subscribers.letter_words import CONFIRM_FOR
from statuspage.subscribers.subscriptions import confirm, end
from web.errors import Refusal

YES: Final = frozenset({"yes", "y", "ja", "j", "oui", "si", "sí", "ok"})
HELP: Final = frozenset({"help", "info", "hilfe", "aide", "ayuda", "hulp"})


def hear(text: Text) -> str | None:
    """Do what a subscriber's text asks for; None for numbers that never signed up."""
    mine = list(
        Subscriber.objects.select_related("page")
        .filter(channel=Subscriber.Channel.SMS, address=text.number)
        .order_by("-asked_at", "pk")
    )
    if not mine:
        return None
    word = text.body.strip().strip(".!").lower()
    if text.verb == "stop":
        for each in mine:
            end(subscriber_id=each.pk, now=text.now)
        return ""
    with translation.override(mine[0].language):
        if word in YES:
            return _confirmed(mine, text)
        if text.verb == "help" or word in HELP:
            return "" if text.answered else _helped(mine[0])
    return ""


def register_words() -> None:
    """Let texts of subscribers be heard; called once, when the app is ready."""
    register("status_subscribers", hear)


def _confirmed(mine: list[Subscriber], text: Text) -> str:
    """Confirm what was asked for last, within the time that a link would work for."""
    letter = (
        Letter.objects.filter(subscriber__in=mine, kind=Letter.Kind.SIGN_UP, created_at__gte=text.now - CONFIRM_FOR)
        .order_by("-created_at", "-pk")
        .first()
    )
    if letter is None:
        return _("There is nothing to confirm. Sign up again on the status page.")
    try:
        subscriber = confirm(letter_id=letter.pk, now=text.now)
    except Refusal as refusal:
        return refusal.sentence
    names = {"page": subscriber.page.name}
    return _("You now get status updates of %(page)s by text. Reply STOP to end, HELP for help.") % names


def _helped(subscriber: Subscriber) -> str:
    names = {"page": subscriber.page.name, "url": public_address(subscriber.page)}
    return _("Status updates of %(page)s: %(url)s Reply STOP to end.") % names
