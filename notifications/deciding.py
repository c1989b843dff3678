"""Yes or no by text and by keypad: what an answer needs before it counts, and what is said to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.answers import local_time
from notifications.inbound import Asked
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.tell_locked_pin import tell_locked_pin
from notifications.questions import Given, Question, questions
from people.actors import actor_for
from people.operations.phone_pin import check_pin, has_pin
from web.errors import Refusal

Step = Literal["over", "pin", "look"]
OPEN: Final = (Page.State.PAGING, Page.State.ACKNOWLEDGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What somebody answers to a page's question: to what `seal` stands for, as they were told it."""

    approve: bool
    seal: str
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What became of a choice, in the person's language.

    `step` is "pin" when a (or another) PIN is wanted, "look" when what is asked has changed since they were told it and
    `question` says what it is now, "over" otherwise. `counted`: it was taken.
    """

    sentence: str
    step: Step = "over"
    counted: bool = False
    question: Question | None = None


def weigh(asked: Asked, choice: Choice, *, now: datetime) -> Decided | None:
    """Return why a choice can't be taken as it stands; None when all that is left is to look at its PIN and to take it.

    Reads only. A no takes no PIN: it harms nothing and must come quickly.
    """
    person, page = asked.person, asked.page
    with translation.override(person.language):
        question = questions.ask(subject=page.subject, page_id=page.pk, person=person, now=now)
        if question is None or question.refused or not asked.verified:
            return Decided(sentence=_refusal(question))
        if choice.seal != question.seal:
            sentence = _("What is to be approved has changed since you were told. Look at it again.")
            return Decided(sentence=sentence, step="look", question=question)
        owns = has_pin(person)
        if choice.approve and question.grave and not owns:
            return Decided(
                sentence=_("This can't be undone, so it needs your PIN, and you have set none. Sign in to approve it.")
            )
        if choice.pin or not choice.approve or not owns:
            return None
        return Decided(sentence=_("Your PIN is needed to approve this."), step="pin", question=question)


def _refusal(question: Question | None) -> str:
    if question is None:
        return _("Nothing is to be approved here any more.")
    return question.refused or _("This number is not verified as yours, so it approves nothing. Sign in to answer.")


def decide(asked: Asked, choice: Choice, *, via: str, now: datetime) -> Decided:
    """Take a choice if it can be taken, in the caller's transaction, which commits whatever comes of it.

    A wrong PIN is counted; too many lock it, and its owner is told. Takes the PIN's lock, then those of the floor that
    asked. Page and person are called no more only by `heard`, in a transaction of its own.
    """
    person, by = asked.person, actor_for(asked.person, via=via)
    with translation.override(person.language):
        short = weigh(asked, choice, now=now)
        if short is not None:
            return short
        second_factor = False
        if choice.approve and choice.pin and has_pin(person):
            wrong = _why_wrong(asked, choice, via=via, now=now)
            if wrong is not None:
                return wrong
            second_factor = True
        given = Given(
            page_id=asked.page.pk,
            person=person,
            approve=choice.approve,
            seal=choice.seal,
            second_factor=second_factor,
            by=by,
            now=now,
        )
        try:
            with transaction.atomic():
                return Decided(sentence=questions.answer(given, subject=asked.page.subject), counted=True)
        except Refusal as refusal:
            return Decided(sentence=refusal.sentence)


def heard(asked: Asked, decided: Decided, *, via: str, now: datetime) -> None:
    """Stop calling somebody whose answer was taken: whoever decides has seen it.

    Apart from the answer itself, because the page is locked before what it is about has locked the ledger. If it is
    lost, they are called once more.
    """
    if not decided.counted:
        return
    with transaction.atomic():
        page = Page.objects.filter(pk=asked.page.pk, state__in=OPEN).first()
        if page is not None:
            acknowledge(page_id=page.pk, person=asked.person, by=actor_for(asked.person, via=via), via=via, now=now)


def _why_wrong(asked: Asked, choice: Choice, *, via: str, now: datetime) -> Decided | None:
    """Count a try at the PIN; return what is said to a wrong one, None to the right one."""
    person = asked.person
    checked = check_pin(person=person, pin=choice.pin, by=actor_for(person, via=via), now=now)
    if checked.right:
        return None
    if checked.locked_until is not None:
        if checked.locked_now:
            tell_locked_pin(person=person, until=checked.locked_until, via=via, now=now)
        return Decided(
            sentence=_("Too many wrong PINs. None is taken until %(time)s; sign in to answer before.")
            % {"time": local_time(checked.locked_until, person)}
        )
    return Decided(sentence=_("That is not your PIN. Nothing was approved."), step="pin")
