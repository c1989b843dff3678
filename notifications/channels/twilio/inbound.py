"""From a pressed key or a texted answer to the verb it stands for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from engine import clock
from notifications import strangers
from notifications.channels.twilio.decisions import PROVIDER, decide_by_text, with_awaited_pin
from notifications.channels.twilio.replies import Reply
from notifications.channels.twilio.texts import how_to_answer
from notifications.inbound import Asked, PageVerb, answer, asked_by_number, is_new, may_be_told_again
from notifications.operations.opt_out import opt_in, opt_out
from notifications.strangers import Text

KEYS: dict[str, PageVerb] = {"1": "acknowledge", "2": "escalate", "9": "decline"}


def answer_by_key(asked: Asked, *, digits: str, key: str) -> str | None:
    """Do what a key means and return what to say; None for a key that means nothing. A double changes nothing."""
    verb = KEYS.get(digits)
    if verb is None:
        return None
    return answer(asked, verb=verb, via="voice", provider=PROVIDER, key=key, now=clock.now())


def answer_by_text(
    number: str, *, body: str, reply: Reply, key: str, now: datetime, answered: bool = False
) -> str | None:
    """Do what a text asks for and return the words to send back, "" for none; None for a double.

    A bare answer means the page last texted to the number; a code names one. Words that nobody understands are answered
    with the possible ones, a few times. A number that no page was sent to may be known to a floor above. `answered`:
    the provider answered it already.
    """
    reply = with_awaited_pin(number, reply=reply, now=now)
    asked = asked_by_number(number, channels=("sms",), code=reply.code, now=now)
    if reply.verb in ("approve", "deny"):
        if asked is None and reply.code:  # mistyped: whoever approves must not be left to think that they did
            asked, reply = asked_by_number(number, channels=("sms",), now=now), Reply(reply.verb)
        if asked is not None:
            return decide_by_text(number, asked=asked, reply=reply, key=key, now=now)
    if asked is not None:
        return _answer(number, asked, reply=reply, key=key, now=now)
    with transaction.atomic():
        if not is_new(PROVIDER, key, now=now):
            return None
        return strangers.hear(Text(number=number, body=body, verb=reply.verb, answered=answered, now=now))


def _answer(number: str, asked: Asked, *, reply: Reply, key: str, now: datetime) -> str | None:
    if reply.verb in ("acknowledge", "escalate", "decline"):
        sentence = answer(asked, verb=reply.verb, via="sms", provider=PROVIDER, key=key, now=now)
        return f"{sentence} {_not_yet(asked)}".strip() if reply.verb == "acknowledge" else sentence
    with transaction.atomic():
        if not is_new(PROVIDER, key, now=now):
            return None
        if not may_be_told_again(number, now=now):
            return ""
    with translation.override(asked.person.language):
        if asked.message.question:
            return how_to_answer(asked.message.code, pin=asked.message.pin)
        return _("Reply 1 to acknowledge, 2 to escalate, 9 if you can't. To name a page, add its code: 1 %(code)s") % {
            "code": asked.message.code
        }


def _not_yet(asked: Asked) -> str:
    """Return what somebody hears besides who acknowledged a page that asks for more, "" for most pages."""
    if not asked.message.question:
        return ""
    with translation.override(asked.person.language):
        how = how_to_answer(asked.message.code, pin=asked.message.pin)
        return _("It is not approved by that. %(how)s") % {"how": how}


def opt(number: str, *, out: bool, key: str, now: datetime) -> None:
    """Note that the owner of a number wants no texts any more, or wants them again, whatever floor they came from. A
    double changes nothing."""
    with transaction.atomic():
        if is_new(PROVIDER, key, now=now):
            # First, because the ledger's head is the last lock.
            strangers.hear(Text(number=number, body="", verb="stop" if out else "start", answered=True, now=now))
            (opt_out if out else opt_in)(address=number, channel="sms", now=now)
