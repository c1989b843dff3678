"""Answers to pages from an incident's channel and from the Home tab: acknowledge, escalate, decline."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from incidents.models import Incident
from notifications.answers import Answer
from notifications.doors import access_page
from notifications.inbound import PageVerb
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.decline import decline
from notifications.operations.escalate import escalate
from notifications.queries import OPEN_STATES, pages, waiting_for
from people.actors import actor_for
from people.models import Person
from people.permissions import PAGE, require
from rooms.slack import blocks
from rooms.slack.inbound import tell
from rooms.slack.once import first_time
from rooms.slack.registry import Came, on
from web.errors import IllegalMove, NotFound

VERBS: Final[Mapping[PageVerb, Callable[..., Answer]]] = {
    "acknowledge": acknowledge,
    "escalate": escalate,
    "decline": decline,
}


def register_pages() -> None:
    """Let the doors know the buttons beside a page in somebody's Home tab. Their value is the page's id."""
    for verb in VERBS:
        on("action", f"waiting:{verb}", later=answer_waiting, queue="page")


def answer_waiting(came: Came) -> None:
    """Answer a page that waits for whoever pressed, and the others about the same subject. Raises `Refusal`."""
    person, verb = came.person, next(verb for verb in VERBS if came.name == f"waiting:{verb}")
    if person is None:
        raise NotFound(_("Muster does not know yet who you are."))
    with translation.override(person.language):
        page = access_page(person, str(came.action.get("value", "")))
        mine = waiting_for(person)
        waiting = list(mine.filter(subject=page.subject) if page.subject else mine.filter(pk=page.pk))
        if not waiting:
            raise NotFound(_("This page does not wait for you any more."))
        # The one that was pressed first: its sentence is the answer.
        waiting.sort(key=lambda each: each.pk != page.pk)
        sentence = answer_all(came, person=person, waiting=waiting, verb=verb)
        with transaction.atomic():
            tell(came, blocks.escape(sentence), now=came.now)


def answer_pages(came: Came, *, person: Person, incident: Incident, verb: PageVerb) -> str:
    """Answer the pages about an incident that wait for this person and return the sentence of the worst one.

    Who was not called answers an open page only with the capability for it, as on the web. Raises `NotFound` where
    there is nothing to answer.
    """
    waiting = list(waiting_for(person).filter(subject=incident.subject))
    if not waiting:
        require(person, PAGE)
        waiting = list(pages(subject=incident.subject).filter(state__in=OPEN_STATES).order_by("started_at")[:1])
    if not waiting:
        raise NotFound(_("No page about this incident waits for anybody."))
    return answer_all(came, person=person, waiting=waiting, verb=verb)


def answer_all(came: Came, *, person: Person, waiting: Sequence[Page], verb: PageVerb) -> str:
    """Answer pages about one subject and return the first one's sentence; what came twice changes nothing.

    One answer is meant for all of them, but an escalation calls the next level of one.
    """
    first, *others = waiting
    with transaction.atomic():
        if not first_time(came):
            return _("Your answer has been taken already.")
        sentence = _answer(first, came=came, person=person, verb=verb)
    for other in others if verb != "escalate" else ():
        # One transaction each: nobody holds the locks of two pages while waiting for a third.
        with contextlib.suppress(IllegalMove), transaction.atomic():
            _answer(other, came=came, person=person, verb=verb)
    return sentence


def _answer(page: Page, *, came: Came, person: Person, verb: PageVerb) -> str:
    by = actor_for(person, via="slack")
    return VERBS[verb](page_id=page.pk, person=person, by=by, now=came.now).sentence
