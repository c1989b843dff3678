"""Approvals by text: how a choice comes in and what goes back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.by_text.replies import Reply
from notifications.by_text.words import how_to_answer
from notifications.deciding import Choice, Decided, decide, heard
from notifications.inbound import Asked, is_new
from notifications.operations.tell_question import (
    await_no_pin,
    await_pin,
    code_awaiting_pin,
    seal_told,
    told,
)
from notifications.questions import pin_for


def with_awaited_pin(number: str, *, reply: Reply, now: datetime) -> Reply:
    """Return `reply` as the approval whose PIN it is, where it is nothing but a number and one is awaited.

    The awaiting page's own code is none: somebody just acknowledges.
    """
    code = code_awaiting_pin(address=number, now=now) if reply.number else ""
    return Reply("approve", code, reply.number) if code and code != reply.number else reply


def decide_by_text(number: str, *, asked: Asked, reply: Reply, provider: str, key: str, now: datetime) -> str | None:
    """Take "approve" or "deny" and return the words to send back; None for a double.

    What is answered is what the last text to this number described. Where it has become something else, the answer
    describes that, and the same reply then means it.
    """
    address, page_id = number, asked.page.pk
    with translation.override(asked.person.language):
        with transaction.atomic():
            if not is_new(provider, key, now=now):
                return None
            if not reply.code and asked.message.question:
                return _("Name it by its code. %(how)s") % {
                    "how": how_to_answer(asked.message.code, pin=asked.message.pin)
                }
            seal = seal_told(page_id=page_id, address=address)
            choice = Choice(approve=reply.verb == "approve", seal=seal, pin=reply.pin)
            decided = decide(asked, choice, via="sms", now=now)
            sentence = _after(asked, decided, address=address, now=now)
        heard(asked, decided, via="sms", now=now)
        return sentence


def _after(asked: Asked, decided: Decided, *, address: str, now: datetime) -> str:
    """Note what the reply to a choice tells its reader, and return that reply."""
    page_id = asked.page.pk
    match decided.step:
        case "look" if decided.question is not None:
            told(page_id=page_id, address=address, seal=decided.question.seal, now=now)
            how = how_to_answer(asked.page.code, pin=pin_for(decided.question, asked.person))
            return f"{decided.sentence} {decided.question.text} {how}"
        case "pin":
            await_pin(page_id=page_id, address=address, now=now)
            if decided.question is None:
                return f"{decided.sentence} {_('Reply with your PIN.')}"
            return f"{decided.sentence} {decided.question.text} {_('Reply with your PIN.')}"
        case _:
            await_no_pin(address=address)
            return decided.sentence
