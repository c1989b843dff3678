"""Answers to an incident's pages from its channel: acknowledge, escalate, decline."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.models import Incident
from notifications.answers import Answer
from notifications.inbound import PageVerb, is_new
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.decline import decline
from notifications.operations.escalate import escalate
from notifications.queries import OPEN_STATES, pages, waiting_for
from people.actors import actor_for
from people.models import Person
from people.permissions import PAGE, require
from rooms.slack.registry import Came
from web.errors import IllegalMove, NotFound

VERBS: Final[Mapping[PageVerb, Callable[..., Answer]]] = {
    "acknowledge": acknowledge,
    "escalate": escalate,
    "decline": decline,
}


def answer_pages(came: Came, *, person: Person, incident: Incident, verb: PageVerb) -> str:
    """Answer the pages about an incident that wait for this person and return the sentence of the worst one.

    One answer is meant for all of them, but an escalation calls the next level of one. Who was not called answers an
    open page only with the capability for it, as on the web. Raises `NotFound` where there is nothing to answer.
    """
    waiting = list(waiting_for(person).filter(subject=incident.subject))
    own = bool(waiting)
    if not own:
        require(person, PAGE)
        waiting = list(pages(subject=incident.subject).filter(state__in=OPEN_STATES).order_by("started_at")[:1])
    if not waiting:
        raise NotFound(_("No page about this incident waits for anybody."))
    first, others = waiting[0], waiting[1:]
    with transaction.atomic():
        if not is_new("slack", came.key, now=came.now):
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
