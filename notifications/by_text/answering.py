"""From a text that came in to what is done and what goes back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from notifications import commands, strangers
from notifications.by_text.bundled import acknowledge_all, asked_together, which_of
from notifications.by_text.deciding import decide_by_text, with_awaited_pin
from notifications.by_text.patience import may_be_told_again, may_hear_that_again
from notifications.by_text.replies import Reply
from notifications.by_text.words import how_to_answer
from notifications.commands import Command, Commands
from notifications.inbound import Asked, PageVerb, answer, asked_by_number, is_new
from notifications.models import Page
from notifications.operations.count_ignored_text import count_ignored_text
from notifications.operations.opt_out import opt_in, opt_out
from notifications.strangers import Text
from people.models import Person

CHANNEL = "sms"


def answer_by_text(
    number: str, *, body: str, reply: Reply, provider: str, key: str, now: datetime, answered: bool = False
) -> str | None:
    """Do what a text asks for and return the words to send back, "" for none; None for a double (by `key`).

    A bare answer means the page last texted to the number; a code names one. Words that nobody understands are answered
    with the possible ones, a few times. What begins with a word that a floor above knows is for that floor, if the
    number is one person's. A number that no page was sent to may be known to a floor above; who nobody knows is counted
    and gets no answer. `answered`: the provider answered it already.
    """
    body = body.replace("\0", "")  # nobody means one, and it could not be stored
    floor = commands.floor_for(body)
    person = commands.owner_of(number, channel=CHANNEL)
    if floor is not None and person is not None:
        command = Command(person=person, number=number, body=body, via=CHANNEL, now=now)
        first = _help_with_a_page(number, now=now) if reply.verb == "help" else ""
        return _command(floor, command, first=first, provider=provider, key=key)
    reply = with_awaited_pin(number, reply=reply, now=now)
    asked = asked_by_number(number, channels=(CHANNEL,), code=reply.code, now=now)
    if reply.verb in ("approve", "deny"):
        if asked is None and reply.code:  # mistyped: whoever approves must not be left to think that they did
            asked, reply = asked_by_number(number, channels=(CHANNEL,), now=now), Reply(reply.verb)
        if asked is not None:
            return decide_by_text(number, asked=asked, reply=reply, provider=provider, key=key, now=now)
    if asked is not None:
        return _answer(number, asked, reply=reply, provider=provider, key=key, now=now)
    text = Text(number=number, body=body, verb=reply.verb, answered=answered, now=now)
    return _unasked(text, person=person, provider=provider, key=key)


def opt(number: str, *, out: bool, provider: str, key: str, now: datetime) -> None:
    """Note that the owner of a number wants no texts any more, or wants them again, whatever floor they came from. A
    double changes nothing."""
    with transaction.atomic():
        if is_new(provider, key, now=now):
            # First, because the ledger's head is the last lock.
            strangers.hear(Text(number=number, body="", verb="stop" if out else "start", answered=True, now=now))
            (opt_out if out else opt_in)(address=number, channel=CHANNEL, now=now)


def _command(floor: Commands, command: Command, *, first: str, provider: str, key: str) -> str | None:
    with transaction.atomic():
        if not is_new(provider, key, now=command.now):
            return None
        if not may_hear_that_again(command.number, command.body, now=command.now):
            return ""
        return f"{first}\n{floor.run(command)}".strip()


def _help_with_a_page(number: str, *, now: datetime) -> str:
    """Return how the page is answered that still calls, "" for none: that is what HELP asks for first."""
    asked = asked_by_number(number, channels=(CHANNEL,), now=now)
    return _how(asked, now=now) if asked is not None and asked.page.state == Page.State.PAGING else ""


def _answer(number: str, asked: Asked, *, reply: Reply, provider: str, key: str, now: datetime) -> str | None:
    if reply.verb in ("acknowledge", "escalate", "decline"):
        return _to_page(number, asked, reply=reply, verb=reply.verb, provider=provider, key=key, now=now)
    with transaction.atomic():
        if not is_new(provider, key, now=now):
            return None
        if not may_be_told_again(number, now=now):
            return ""
    return _how(asked, now=now)


def _how(asked: Asked, *, now: datetime) -> str:
    """Return how a page is answered, or the several that came with it."""
    with translation.override(asked.person.language):
        together = asked_together(asked, now=now)
        if len(together) > 1:
            return which_of(together)
        if asked.message.question:
            return how_to_answer(asked.message.code, pin=asked.message.pin)
        return _("Reply 1 to acknowledge, 2 to escalate, 9 if you can't. To name a page, add its code: 1 %(code)s") % {
            "code": asked.message.code
        }


def _to_page(
    number: str, asked: Asked, *, reply: Reply, verb: PageVerb, provider: str, key: str, now: datetime
) -> str | None:
    """Answer the page that is meant. After a text about several a bare acknowledgement means all of them; whoever
    escalates or declines is asked which."""
    together = [] if reply.code else asked_together(asked, now=now)
    if len(together) > 1:
        if verb == "acknowledge":
            return acknowledge_all(together, provider=provider, key=key, now=now)
        with transaction.atomic():
            if not is_new(provider, key, now=now):
                return None
            return which_of(together) if may_hear_that_again(number, verb, now=now) else ""
    meant = together[0] if together else asked
    sentence = answer(meant, verb=verb, via=CHANNEL, provider=provider, key=key, now=now)
    return f"{sentence} {_not_yet(meant)}".strip() if verb == "acknowledge" else sentence


def _not_yet(asked: Asked) -> str:
    """Return what somebody hears besides who acknowledged a page that asks for more, "" for most pages."""
    if not asked.message.question:
        return ""
    with translation.override(asked.person.language):
        how = how_to_answer(asked.message.code, pin=asked.message.pin)
        return _("It is not approved by that. %(how)s") % {"how": how}


def _unasked(text: Text, *, person: Person | None, provider: str, key: str) -> str | None:
    """Answer a text from a number that no page went to: a floor above may know it, or it is one of ours."""
    with transaction.atomic():
        if not is_new(provider, key, now=text.now):
            return None
        answer_of_a_floor = strangers.hear(text)
        if answer_of_a_floor is not None:
            return answer_of_a_floor
        if person is None:
            count_ignored_text(number=text.number, now=text.now)
            return ""
        if text.answered or not may_be_told_again(text.number, now=text.now):
            return ""
    with translation.override(person.language):
        nothing = _("No page waits for an answer from this number.")
    return f"{nothing} {commands.offers(person)}".strip()
