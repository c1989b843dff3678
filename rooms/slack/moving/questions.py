"""Approve and deny what a page asks, from the Home tab."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.doors import access_page
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.queries import OPEN_STATES
from notifications.questions import Given, Question, pin_for, questions
from notifications.registry import subjects
from people.actors import actor_for
from people.models import Person
from rooms.slack import blocks
from rooms.slack.inbound import tell
from rooms.slack.once import first_time
from rooms.slack.registry import Came, on
from web.errors import IllegalMove, NotFound

CHOICES: Final = {"question:approve": True, "question:deny": False}


def register_questions() -> None:
    """Let the doors know the buttons. Their value: the page's id and the seal of what was shown."""
    for name in CHOICES:
        on("action", name, later=decide, queue="page")


def decide(came: Came) -> None:
    """Take somebody's yes or no to exactly what they were shown, and say what came of it. Raises `Refusal`.

    A yes that takes a PIN or a second factor is not taken here: Slack has neither, so the answer is where to sign in.
    A doubled press changes nothing.
    """
    person = came.person
    if person is None:
        raise NotFound(_("Muster does not know yet who you are."))
    page_id, _bar, seal = str(came.action.get("value", "")).partition("|")
    approve = CHOICES[came.name]
    with translation.override(person.language):
        page = access_page(person, page_id)
        question = _question(page, person, seal=seal, came=came)
        if approve and pin_for(question, person):
            raise IllegalMove(_sign_in(page))
        with transaction.atomic():
            if not first_time(came):
                return
            given = Given(
                page_id=page.pk,
                person=person,
                approve=approve,
                seal=seal,
                second_factor=False,
                by=actor_for(person, via="slack"),
                now=came.now,
            )
            tell(came, blocks.escape(questions.answer(given, subject=page.subject)), now=came.now)
        _stop_calling(page, person, came=came)


def _question(page: Page, person: Person, *, seal: str, came: Came) -> Question:
    if all(responder.person_id != person.pk for responder in page.responders_called.all()):
        raise NotFound(_("This was asked of somebody else. Only they can answer it."))
    question = questions.ask(subject=page.subject, page_id=page.pk, person=person, now=came.now)
    if question is None:
        raise IllegalMove(_("Nothing is to be approved here any more."))
    if question.refused:
        raise IllegalMove(question.refused)
    if question.seal != seal:
        raise IllegalMove(_("What is to be approved has changed since you were told. Look at it again."))
    return question


def _stop_calling(page: Page, person: Person, *, came: Came) -> None:
    # Apart from the answer itself: the page is locked before what it is about has locked the ledger.
    with transaction.atomic():
        if Page.objects.filter(pk=page.pk, state__in=OPEN_STATES).exists():
            acknowledge(page_id=page.pk, person=person, by=actor_for(person, via="slack"), now=came.now)


def _sign_in(page: Page) -> str:
    address = f"{settings.PUBLIC_URL}{subjects.words_of(page).path}"
    return _("Approving this takes more than a press in Slack. Open it and sign in: %(link)s") % {"link": address}
