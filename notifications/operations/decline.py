"""Decline a page: "I can't, next please"."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ledger.actor import Actor
from notifications import answers
from notifications.answers import Answer
from notifications.models import Page, Responder
from notifications.operations.answering import has_answered, record_answer, responder_of
from notifications.operations.call_next import call_next
from notifications.operations.lock_page import lock_page_to_answer
from notifications.operations.outbox import withdraw
from notifications.operations.page_again import SEARCH
from notifications.operations.page_news import PageNews
from notifications.queries import names_of, standings
from notifications.rules.escalation import is_hopeless
from people.models import Person
from web.errors import IllegalMove

DECLINED = Responder.State.DECLINED


def decline(
    *, page_id: UUID | str, person: Person, by: Actor, now: datetime, via: str | None = None, reason: str = ""
) -> Answer:
    """Record that `person` can't take the page and stop their messages; call the next level at once if it takes one.

    It takes one when those who have acknowledged and those who may still answer are fewer than required. Who had
    acknowledged before gives the page back: it is paging again. `reason` is free text. Repeating it changes nothing;
    raises `IllegalMove` for somebody who was not called. Locks as `acknowledge` does.
    """
    page = lock_page_to_answer(page_id)
    responder = responder_of(page, person)
    if responder is None:
        raise IllegalMove("This page did not call you, so there is nothing to decline.")
    if not page.is_open:
        return Answer(page=page, changed=False, sentence=answers.declined_after_end(person))
    if has_answered(responder, page=page, person=person, state=DECLINED, by=by):
        return Answer(page=page, changed=False, sentence=_heard(page, person, called=None))
    news = PageNews(by=by, now=now)
    record_answer(page, person, state=DECLINED, by=by, via=via or by.via, now=now)
    withdraw(page_ids=[page.pk], person_id=person.pk, reason="declined", now=now)
    news.say(
        page,
        "page.declined",
        payload={"people": [person.name], "person_ids": [str(person.pk)], "via": via or by.via},
        personal=reason,
    )
    news.touch(page, str(person.pk))
    called = _call_others(page, now=now, news=news)
    news.publish()
    return Answer(page=page, changed=True, sentence=_heard(page, person, called=called))


def _call_others(page: Page, *, now: datetime, news: PageNews) -> list[str] | None:
    """Call the next level if those left can't meet the requirement; return who, None when nobody had to be called."""
    standing = standings([page])[page.pk]
    if page.state == Page.State.ACKNOWLEDGED:
        if len(standing.confirmed()) >= page.required_acknowledgements:
            return None
        page.state, page.next_step_at = Page.State.PAGING, now
        page.acknowledged_at = page.acknowledged_by = page.reminded_at = page.snoozed_until = None
        page.save(update_fields=SEARCH)
    elif not is_hopeless(standing, required=page.required_acknowledgements):
        return None
    called = call_next([page], news=news, now=now, time_over=False)[page.pk]
    return called if called or page.state == Page.State.EXHAUSTED else None


def _heard(page: Page, person: Person, *, called: list[str] | None) -> str:
    waiting = names_of(standings([page])[page.pk].waiting_for()) if called is None else []
    return answers.declined(person, waiting_for=waiting, called=called)
