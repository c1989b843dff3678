"""What a page asks beyond an acknowledgement: yes or no to something exactly described.

The floor that owns the page's subject registers how it asks and what an answer does; texts and calls offer it as
"approve" and "deny". This floor knows neither what is asked nor who may answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import structlog

from ledger.actor import Actor
from people.models import Person
from people.operations.phone_pin import has_pin

Pin = Literal["", "needed", "missing"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What one person is asked now, in their language.

    `text` says what a yes lets happen, in a few sentences without line breaks. `seal` stands for exactly that: it is
    another one as soon as something of it changes. `grave`: a yes needs a second factor. `refused` is the sentence why
    this person's answer could not count, "" when it can.
    """

    text: str
    seal: str
    grave: bool = False
    refused: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """Somebody's answer: to the question that `seal` stands for, with a second factor or without."""

    page_id: UUID
    person: Person
    approve: bool
    seal: str
    second_factor: bool
    by: Actor
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionKind:
    """How the pages about one kind of subject ask.

    `ask` reads, without locks, what a page asks a person: None when it asks nothing, or no more. `answer` does what an
    answer does, in the caller's transaction, and returns the sentence that confirms it, in the language that is active;
    it looks at everything anew under its own locks and raises a `web.errors.Refusal` for what does not count.
    """

    kind: str
    ask: Callable[[UUID, Person, datetime], Question | None]
    answer: Callable[[Given], str]


class Questions:
    """The kinds of subjects whose pages ask something, filled in `AppConfig.ready`."""

    def __init__(self) -> None:
        self._kinds: dict[str, QuestionKind] = {}

    def register(self, kind: QuestionKind) -> None:
        """Add a kind; a second one of the same name is a mistake."""
        if self._kinds.setdefault(kind.kind, kind) != kind:
            raise ValueError(f"Two floors ask about the subject kind {kind.kind!r}.")

    def ask(self, *, subject: str, page_id: UUID, person: Person, now: datetime) -> Question | None:
        """Return what a page about `subject` asks a person now, None for most pages."""
        kind = self._kinds.get(subject.partition(":")[0])
        return kind.ask(page_id, person, now) if kind is not None else None

    def ask_if_possible(self, *, subject: str, page_id: UUID, person: Person, now: datetime) -> Question | None:
        """Return the same for a message. A question that can't be worked out is logged and stops no call."""
        try:
            return self.ask(subject=subject, page_id=page_id, person=person, now=now)
        except Exception:
            log.exception("question_not_asked", page=str(page_id))
            return None

    def answer(self, given: Given, *, subject: str) -> str:
        """Give an answer to the floor that asked; raises its refusals."""
        return self._kinds[subject.partition(":")[0]].answer(given)


def pin_for(question: Question, person: Person) -> Pin:
    """Tell how this person's yes takes a PIN: who has one is always asked for it, who has none can't say yes to what is
    grave."""
    if has_pin(person):
        return "needed"
    return "missing" if question.grave else ""


questions: Final = Questions()
