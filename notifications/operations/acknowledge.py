"""Acknowledge a page: a human has it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from engine import wake
from ledger.actor import Actor
from notifications import answers
from notifications.answers import Answer
from notifications.models import Page, Responder
from notifications.operations.answering import has_answered, is_own, record_answer, responder_of
from notifications.operations.lock_page import lock_page_to_answer
from notifications.operations.outbox import withdraw
from notifications.operations.page_news import PageNews
from notifications.page_trouble import policy_of
from notifications.queries import names_of, standings
from notifications.rules.escalation import is_waiting_in_vain
from notifications.rules.silence import remind_at
from people.models import Person

ACKNOWLEDGED = Responder.State.ACKNOWLEDGED


def acknowledge(*, page_id: UUID | str, person: Person, by: Actor, now: datetime, via: str | None = None) -> Answer:
    """Record that `person` has the page, and stop what that stops. Repeating it changes nothing.

    When as many distinct people as required have acknowledged, all that is pending or still ringing is withdrawn;
    before that only what goes to this person, and if nobody else may still answer, the next level is called at once.
    Somebody who was not called may acknowledge a paging page too. An answer by anybody else (`by` is not `person`) is
    kept as given on their behalf: it stops their messages and meets no quorum.
    On a page that somebody has already, people still called are noted and their messages stop, and the one who has it
    is heard of again (a reminder starts anew). An exhausted page's answer goes to its fallback; without one it is
    recorded all the same. Locks the page, its deliveries, then the ledger's head; never the incident.
    """
    page = lock_page_to_answer(page_id)
    via = via or by.via
    news = PageNews(by=by, now=now)
    if page.state == Page.State.PAGING:
        answer = _while_paging(page, person, by=by, via=via, now=now, news=news)
    elif page.state == Page.State.CANCELLED:
        answer = Answer(page=page, changed=False, sentence=answers.over(person, page=page))
    else:
        answer = _when_held_or_over(page, person, by=by, via=via, now=now, news=news)
    if answer.changed:
        news.publish()
    return answer


def _while_paging(page: Page, person: Person, *, by: Actor, via: str, now: datetime, news: PageNews) -> Answer:
    responder = responder_of(page, person)
    if has_answered(responder, page=page, person=person, state=ACKNOWLEDGED, by=by):
        return Answer(page=page, changed=False, sentence=_heard(page, person, by=by, complete=False))
    record_answer(page, person, state=ACKNOWLEDGED, by=by, via=via, now=now)
    policy, standing = policy_of(page), standings([page])[page.pk]
    complete = is_own(person, by=by) and len(standing.confirmed()) >= page.required_acknowledgements
    if complete:
        _take(page, person, now=now)
        page.next_step_at = remind_at(policy=policy, now=now)
        withdraw(page_ids=[page.pk], reason="acknowledged", now=now)
    else:
        withdraw(page_ids=[page.pk], person_id=person.pk, reason="acknowledged", now=now)
        if is_waiting_in_vain(standing, policy=policy):
            page.next_step_at = now
            wake.after_commit("pages")
    page.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "next_step_at", "reminded_at"])
    _say(page, person, by=by, via=via, news=news, complete=complete)
    news.touch(page, *standing.waiting_for())
    return Answer(page=page, changed=True, sentence=_heard(page, person, by=by, complete=complete))


def _take(page: Page, person: Person, *, now: datetime) -> None:
    page.state = Page.State.ACKNOWLEDGED
    page.acknowledged_by, page.acknowledged_at = person, max(now, page.paging_since)
    page.reminded_at = None


def _when_held_or_over(page: Page, person: Person, *, by: Actor, via: str, now: datetime, news: PageNews) -> Answer:
    """Answer for an acknowledged or exhausted page: people who were called are noted and their messages stop."""
    responder = responder_of(page, person)
    held = page.state == Page.State.ACKNOWLEDGED
    if held and page.acknowledged_by == person and is_own(person, by=by):
        return _still_on_it(page, person, by=by, via=via, now=now, news=news)
    holder, since = page.acknowledged_by, page.acknowledged_at
    if has_answered(responder, page=page, person=person, state=ACKNOWLEDGED, by=by) or (held and responder is None):
        sentence = answers.held_by(person, holder=holder, since=since) or answers.over(person, page=page)
        return Answer(page=page, changed=False, sentence=sentence)
    record_answer(page, person, state=ACKNOWLEDGED, by=by, via=via, now=now)
    withdraw(page_ids=[page.pk], person_id=person.pk, reason="acknowledged", now=now)
    _say(page, person, by=by, via=via, news=news, complete=held)
    if not is_own(person, by=by):
        sentence = answers.acknowledged_on_behalf(person, by=by.name)
    elif held:
        sentence = answers.joined(person, holder=holder, since=since)
    else:
        sentence = answers.over(person, page=page)
    return Answer(page=page, changed=True, sentence=sentence)


def _still_on_it(page: Page, person: Person, *, by: Actor, via: str, now: datetime, news: PageNews) -> Answer:
    """The one who has it answers again: the silence is broken, which is an entry only after a reminder."""
    sentence = answers.held_by(person, holder=person, since=page.acknowledged_at)
    if page.snoozed_until is not None or page.next_step_at is None:
        return Answer(page=page, changed=False, sentence=sentence)
    reminded, page.reminded_at = page.reminded_at is not None, None
    page.next_step_at = remind_at(policy=policy_of(page), now=now)
    page.save(update_fields=["reminded_at", "next_step_at"])
    if reminded:
        withdraw(page_ids=[page.pk], person_id=person.pk, reason="acknowledged", now=now)
        _say(page, person, by=by, via=via, news=news, complete=True)
    return Answer(page=page, changed=reminded, sentence=sentence)


def _say(page: Page, person: Person, *, by: Actor, via: str, news: PageNews, complete: bool) -> None:
    news.say(
        page,
        "page.acknowledged",
        payload={
            "people": [person.name],
            "person_ids": [str(person.pk)],
            "via": via,
            "on_behalf": not is_own(person, by=by),
            "complete": complete,
        },
    )
    news.touch(page, str(person.pk))


def _heard(page: Page, person: Person, *, by: Actor, complete: bool) -> str:
    if not is_own(person, by=by):
        return answers.acknowledged_on_behalf(person, by=by.name)
    waiting = [] if complete else names_of(standings([page])[page.pk].waiting_for())
    return answers.acknowledged(person, waiting_for=waiting, complete=complete)
