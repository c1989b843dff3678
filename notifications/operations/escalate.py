"""Escalate a page now: the next level, without waiting."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ledger.actor import Actor
from notifications import answers
from notifications.answers import Answer
from notifications.models import Page, Responder
from notifications.operations.answering import record_answer, responder_of
from notifications.operations.call_next import call_next
from notifications.operations.lock_page import lock_page_to_answer
from notifications.operations.outbox import withdraw
from notifications.operations.page_again import SEARCH, resume_search
from notifications.operations.page_news import PageNews
from people.models import Person
from web.errors import IllegalMove

SILENT = (Responder.State.CALLED, Responder.State.DELIVERED, Responder.State.LATE)


def escalate(
    *, page_id: UUID | str, by: Actor, now: datetime, person: Person | None = None, via: str | None = None
) -> Answer:
    """Call the next level of a page at once; after the last one of the last round everybody is called.

    An acknowledged page is paging again: who had it asks for more, and that needs an answer of its own. Somebody called
    who escalates instead of answering (`person`, or `by` where that is a person) has thereby declined. Somebody of the
    page who escalates is not called by this very step. Raises `IllegalMove` when the page is over. Locks as
    `acknowledge` does.
    """
    page = lock_page_to_answer(page_id)
    if not page.is_open:
        raise IllegalMove("This page is over; start a new one to reach somebody.")
    news = PageNews(by=by, now=now)
    if person is None and by.kind == "person":
        person = Person.objects.filter(pk=by.id).first()
    news.say(
        page,
        "page.escalated",
        payload={"from_level": page.level, "round": page.round, "was": page.state, "via": via or by.via},
    )
    if page.state == Page.State.ACKNOWLEDGED:
        resume_search(page, now=now)
        page.save(update_fields=SEARCH)
    elif person is not None:
        _step_aside(page, person, by=by, via=via or by.via, now=now)
        news.touch(page, str(person.pk))
    skip = frozenset({str(person.pk)}) if person is not None and responder_of(page, person) else frozenset()
    called = call_next([page], news=news, now=now, skip=skip)[page.pk]
    news.publish()
    return Answer(page=page, changed=True, sentence=answers.escalated(called, page=page, reader=person))


def _step_aside(page: Page, person: Person, *, by: Actor, via: str, now: datetime) -> None:
    """Take an escalation by somebody who was called and silent so far as their "not me"."""
    responder = responder_of(page, person)
    if responder is not None and responder.state in SILENT:
        record_answer(page, person, state=Responder.State.DECLINED, by=by, via=via, now=now)
        withdraw(page_ids=[page.pk], person_id=person.pk, reason="escalated", now=now)
