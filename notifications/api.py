"""Pages in the API: start one, read them, answer them."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from notifications.answers import Answer
from notifications.api_shapes import (
    AnsweredOut,
    AnswerIn,
    DeclineIn,
    MoreIn,
    PageIn,
    PageOut,
    PagesAsked,
    ReassignIn,
    SnoozeIn,
    answered_out,
    page_out,
)
from notifications.doors import access_page, visible_pages
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.operations.add_responders import add_responders
from notifications.operations.decline import decline
from notifications.operations.escalate import escalate
from notifications.operations.reassign import reassign
from notifications.operations.snooze import snooze
from notifications.operations.start_page import LONGEST_TITLE, start_page
from notifications.queries import OPEN_STATES, freeze, freeze_person, policy_named
from notifications.rules.frozen_policy import FrozenPolicy
from notifications.subject_doors import subject_doors
from people.api_door import Admitted, admit
from people.api_shapes import people_given, person_asked_for, person_given
from people.models import Person
from people.permissions import PAGE, READ, require
from web.api import Page as Part
from web.api import Query, Router, Status, paged
from web.errors import BadInput, NotFound

router = Router(tags=["pages"])
INCIDENT: Final = "incident"


@router.get("/pages", response=Part[PageOut])
def list_pages(request: HttpRequest, asked: Query[PagesAsked]) -> dict[str, Any]:
    """Pages, newest first."""
    admitted = admit(request, READ)
    found = visible_pages(admitted.person)
    if asked.incident:
        found = found.filter(subject=subject_doors.find(admitted.person, kind=INCIDENT, text=asked.incident))
    if asked.state:
        found = found.filter(state__in=OPEN_STATES if asked.state == "open" else [asked.state])
    if asked.person:
        found = found.filter(responders_called__person=person_asked_for(asked.person))
    return paged(found, window=asked, order=("-started_at", "id"), serialize=page_out)


@router.post("/pages", response={201: PageOut})
def page_somebody(request: HttpRequest, given: PageIn) -> Status[PageOut]:
    """Page a person or a policy; the first ones are called as soon as this is answered."""
    admitted = admit(request, PAGE)
    policy = _policy(person=given.person, policy=given.policy)
    title = _title(given.title)
    subject, severity = _about(admitted.person, given.incident)
    page = start_page(
        policy=policy,
        title=title,
        subject=subject,
        severity=severity,
        purpose="person" if given.person else "policy",
        urgency=given.urgency,
        by=admitted.by,
        now=admitted.now,
    )
    return Status(201, page_out(access_page(admitted.person, page.pk)))


@router.get("/pages/{page_id}", response=PageOut)
def get_page(request: HttpRequest, page_id: str) -> PageOut:
    """One page, with everybody it called."""
    return page_out(access_page(admit(request).person, page_id))


@router.post("/pages/{page_id}/acknowledge", response=AnsweredOut)
def acknowledge_page(request: HttpRequest, page_id: str, given: AnswerIn | None = None) -> AnsweredOut:
    """Say that you have it. For somebody else it is kept as on their behalf: that stops their messages only."""
    admitted, page, person = _answering(request, page_id, given)
    return _answered(admitted, acknowledge(page_id=page.pk, person=person, by=admitted.by, now=admitted.now))


@router.post("/pages/{page_id}/decline", response=AnsweredOut)
def decline_page(request: HttpRequest, page_id: str, given: DeclineIn | None = None) -> AnsweredOut:
    """Say that you can't: the next ones are called."""
    admitted, page, person = _answering(request, page_id, given)
    reason = given.reason if given else ""
    return _answered(admitted, decline(page_id=page.pk, person=person, by=admitted.by, now=admitted.now, reason=reason))


@router.post("/pages/{page_id}/escalate", response=AnsweredOut)
def escalate_page(request: HttpRequest, page_id: str) -> AnsweredOut:
    """Call the next level at once."""
    admitted, page, person = _answering(request, page_id, None)
    return _answered(admitted, escalate(page_id=page.pk, person=person, by=admitted.by, now=admitted.now))


@router.post("/pages/{page_id}/snooze", response=AnsweredOut)
def snooze_page(request: HttpRequest, page_id: str, given: SnoozeIn | None = None) -> AnsweredOut:
    """Acknowledge it and keep it quiet for a while; then it starts again."""
    admitted, page, person = _answering(request, page_id, None)
    now = admitted.now
    until = (given or SnoozeIn()).moment(now)
    return _answered(admitted, snooze(page_id=page.pk, person=person, until=until, by=admitted.by, now=now))


@router.post("/pages/{page_id}/reassign", response=AnsweredOut)
def reassign_page(request: HttpRequest, page_id: str, given: ReassignIn) -> AnsweredOut:
    """Give it to another person or policy, which starts at once."""
    admitted = admit(request, PAGE)
    page = access_page(admitted.person, page_id)
    policy = _policy(person=given.person, policy=given.policy)
    return _answered(admitted, reassign(page_id=page.pk, policy=policy, by=admitted.by, now=admitted.now))


@router.post("/pages/{page_id}/responders", response=AnsweredOut)
def add_page_responders(request: HttpRequest, page_id: str, given: MoreIn) -> AnsweredOut:
    """Call more people, whoever has it already."""
    admitted = admit(request, PAGE)
    page = access_page(admitted.person, page_id)
    people = people_given(given.people, field="people")
    if gone := [person.name for person in people if not person.is_active]:
        sentence = f"{gone[0]} does not work here any more."
        raise BadInput(sentence, errors={"people": sentence})
    return _answered(admitted, add_responders(page_id=page.pk, people=people, by=admitted.by, now=admitted.now))


def _answering(request: HttpRequest, page_id: str, given: AnswerIn | None) -> tuple[Admitted, Page, Person]:
    """Return who acts, the page and for whom; who was called needs no capability for an answer of their own."""
    admitted = admit(request)
    page = access_page(admitted.person, page_id)
    called = any(responder.person_id == admitted.person.pk for responder in page.responders_called.all())
    person = person_given(given.person) if given and given.person else admitted.person
    if not called or person != admitted.person:
        require(admitted.person, PAGE)
    return admitted, page, person


def _answered(admitted: Admitted, answer: Answer) -> AnsweredOut:
    return answered_out(access_page(admitted.person, answer.page.pk), answer)


def _title(given: str) -> str:
    title = given.strip()
    if not title or len(title) > LONGEST_TITLE:
        sentence = f"Say in one line of at most {LONGEST_TITLE} characters what it is about."
        raise BadInput(sentence, errors={"title": sentence})
    return title


def _policy(*, person: str | None, policy: str | None) -> FrozenPolicy:
    """Return whom to call; raise `BadInput` unless exactly one of both names somebody who can be called."""
    if bool(person) == bool(policy):
        sentence = "Name a person or a policy, one of both."
        raise BadInput(sentence, errors={"person": sentence})
    if person:
        found = person_given(person)
        if not found.is_active:
            sentence = f"{found.name} does not work here any more."
            raise BadInput(sentence, errors={"person": sentence})
        return freeze_person(found)
    named = policy_named(policy or "")
    if named is None:
        raise BadInput("There is no such policy.", errors={"policy": f"No policy has the id or name {policy!r}."})
    return freeze(named)


def _about(person: Person, incident: str | None) -> tuple[str, int]:
    """Return the subject and severity of a new page; an incident stays locked until the page is written."""
    if not incident:
        return "", 3
    try:
        subject = subject_doors.find(person, kind=INCIDENT, text=incident)
    except NotFound as missing:
        raise BadInput(missing.sentence, errors={"incident": missing.sentence}) from missing
    return subject, subject_doors.join(subject)
