"""What the pages of an incident know of people, as data for the muster's rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from incidents.models import Incident
from incidents.rules.muster import Answer, AnswerState, PageState
from notifications.models import Delivery, Page, Responder


@dataclass(frozen=True)
class PagesNow:
    """All pages of one incident and their answers, read together."""

    pages: dict[UUID, Page]
    answers: dict[UUID, list[Answer]] = field(default_factory=dict)

    def of(self, page_id: UUID | None) -> list[Answer]:
        """Return the answers on this page and on those that shout for it."""
        return [answer for pk in self._family(page_id) for answer in self.answers.get(pk, [])]

    def beside(self, page_id: UUID | None) -> list[Answer]:
        """Return the answers on the incident's other pages."""
        own = self._family(page_id)
        return [answer for pk, answers in self.answers.items() if pk not in own for answer in answers]

    def state_of(self, page_id: UUID | None) -> PageState:
        """Return the page's state; "" where there is none, "starting" before it has called anybody."""
        page = self.pages.get(page_id) if page_id else None
        if page is None:
            return ""
        if page.state == Page.State.PAGING and page.level == 0:
            return "starting"
        return cast("PageState", page.state)

    def confirmed(self) -> set[str]:
        """Return who answered for themselves on any of the pages."""
        return {answer.person for answers in self.answers.values() for answer in answers if answer.confirms}

    def rung(self, *, urgency: str, besides: Iterable[UUID] = ()) -> set[str]:
        """Return whom a page of this urgency rings right now, those of some pages left out."""
        without = set(besides)
        return {
            answer.person
            for pk, answers in self.answers.items()
            if pk not in without and self.pages[pk].urgency == urgency
            for answer in answers
            if answer.ringing and answer.state in ("called", "delivered")
        }

    def unanswered(self) -> list[str]:
        """Return the policies' names of exhausted pages for which nobody has answered since."""
        return [
            page.policy_name or page.title
            for page in self.pages.values()
            if page.state == Page.State.EXHAUSTED
            and page.fallback_of_id is None
            and not any(answer.confirms for answer in self.of(page.pk))
        ]

    def troubles(self) -> list[str]:
        """Return what the open pages can't do."""
        return [page.trouble for page in self.pages.values() if page.is_open and page.trouble]

    def _family(self, page_id: UUID | None) -> set[UUID]:
        if page_id is None:
            return set()
        return {page_id, *(pk for pk, page in self.pages.items() if page.fallback_of_id == page_id)}


def read_pages(incident: Incident) -> PagesNow:
    """Return the incident's pages with their answers (two queries, a third when somebody answered unasked)."""
    pages = {page.pk: page for page in Page.objects.filter(subject=incident.subject)}
    now = PagesNow(pages)
    responders = list(Responder.objects.filter(page__in=pages).order_by("pk")) if pages else []
    unasked = _unasked(responders)
    for responder in responders:
        answer = _answer(responder, page=pages[responder.page_id], called=responder.pk not in unasked)
        now.answers.setdefault(responder.page_id, []).append(answer)
    return now


def _unasked(responders: Iterable[Responder]) -> set[int]:
    """Return those who answered a page that had not called them: dated as one moment, and nothing was sent to them."""
    maybe = [r for r in responders if r.answered_at == r.called_at]
    if not maybe:
        return set()
    sent = set(
        Delivery.objects.filter(
            page__in={r.page_id for r in maybe}, person__in={r.person_id for r in maybe}
        ).values_list("page_id", "person_id")
    )
    return {r.pk for r in maybe if (r.page_id, r.person_id) not in sent}


def _answer(responder: Responder, *, page: Page, called: bool) -> Answer:
    return Answer(
        person=str(responder.person_id),
        state=cast("AnswerState", responder.state),
        called_at=responder.called_at,
        answered_at=responder.answered_at,
        via=responder.via,
        on_behalf=bool(responder.on_behalf_by),
        # Who was called in an earlier search of the page, and not yet in this one, has a silent phone.
        ringing=page.state == Page.State.PAGING and responder.called_at >= page.paging_since,
        called=called,
        counted=responder.answered_at is not None and responder.answered_at >= page.paging_since,
    )
