"""What a move of runs has to say and to set off, collected while it works and published at its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction

from eap.models import Run, RunStep, StepTarget
from engine import broker, wake
from ledger.actor import Actor
from ledger.operations.append import Event, append_all
from ledger.rules import JSON
from notifications.models import Page
from notifications.operations.cancel_pages import cancel_pages
from notifications.operations.page_news import PageNews
from notifications.operations.start_page import PageRequest, insert_pages
from web import live

if TYPE_CHECKING:
    from collections.abc import Iterable

TASK: Final = "eap.execute"
QUEUE: Final = "bulk"
DUTY: Final = "runs"
IDS_PER_MESSAGE: Final = 50
DEFAULT_SEVERITY: Final = 3
DRILL_PREFIX: Final = "EXERCISE: "

ON_THE_INCIDENT: Final = frozenset(
    {
        "run.started",
        "run.paused",
        "run.resumed",
        "run.stopping",
        "run.ended",
        "run.undo_begun",
        "run.inputs_changed",
        "run.step_done",
        "run.step_failed",
        "run.step_skipped",
        "run.step_unknown",
        "run.step_escalated",
        "run.step_unanswered",
        "run.step_added",
        "run.chosen",
        "run.voted",
    }
)
"""What an incident's timeline tells of a run; the run's own chain has everything."""


class RunNews:
    """Ledger entries, pages to start and to end, executions to hand over, screens to draw again.

    Pages are locked and written before the ledger's heads; everything else leaves after the commit.
    """

    def __init__(self, *, by: Actor, now: datetime) -> None:
        self.by = by
        self.now = now
        self._events: list[Event] = []
        self._pages: list[tuple[RunStep, PageRequest]] = []
        self._over: list[UUID] = []
        self._page_news: PageNews | None = None
        self._rows: list[StepTarget] = []
        self._executions: list[int] = []
        self._live: set[str] = set()
        self._wake: set[str] = set()

    def say(
        self,
        run: Run,
        verb: str,
        *,
        step: RunStep | None = None,
        payload: Mapping[str, JSON] | None = None,
        personal: str = "",
        by: Actor | None = None,
    ) -> None:
        """Note a ledger entry on the run's chain, and on its incident's where its timeline tells it."""
        about: dict[str, JSON] = {"run": str(run.pk), "plan": run.title, "drill": run.drill}
        if step is not None:
            about |= {"step": step.key, "title": step.title, "kind": step.kind}
        subjects = [run.subject]
        if run.incident_id and verb in ON_THE_INCIDENT and (run.parent_id is None or verb != "run.step_done"):
            subjects.append(f"incident:{run.incident_id}")
        for subject in subjects:
            self._events.append(
                Event(
                    subject=subject,
                    verb=verb,
                    by=by or self.by,
                    now=self.now,
                    payload={**about, **(payload or {})},
                    personal=personal,
                )
            )
        self.touch(run)

    def touch(self, run: Run) -> None:
        """Have the screens about this run drawn again."""
        self._live |= {run.subject, "runs"}
        if run.incident_id:
            self._live.add(f"incident:{run.incident_id}")

    def touch_person(self, person_id: object) -> None:
        """Have the screens of this person drawn again."""
        self._live.add(f"person:{person_id}")

    def page(self, step: RunStep, request: PageRequest) -> None:
        """Start a page for a step; its id is put into `step.page_id`, and the page before it ends."""
        self._end_page(step)
        self._pages.append((step, request))

    def unpage(self, step: RunStep) -> None:
        """End the page that calls for a step, and what was set off by those that nobody answered."""
        self._end_page(step)
        self._over += map(UUID, step.unanswered)
        step.unanswered = []

    def _end_page(self, step: RunStep) -> None:
        if step.page_id is not None:
            self._over.append(step.page_id)
            step.page_id = None

    def create(self, rows: list[StepTarget]) -> None:
        """Have executions inserted, and those released for now handed over."""
        self._rows += rows

    def execute(self, target_ids: Iterable[int]) -> None:
        """Hand executions over to the workers, after the commit."""
        self._executions += target_ids

    def wake(self, *duties: str) -> None:
        """Wake these duties after the commit."""
        self._wake |= set(duties)

    def write_pages(self) -> list[RunStep]:
        """Write what was noted about pages; return the steps that have one now and are to be saved."""
        if self._over:
            cancel_pages(page_ids=self._over, reason=Page.CancelReason.RESOLVED, by=self.by, now=self.now)
            self._over = []
        asked, self._pages = self._pages, []
        if not asked:
            return []
        self._page_news = PageNews(by=self.by, now=self.now)
        pages = insert_pages([request for _, request in asked], news=self._page_news, now=self.now)
        for (step, _), page in zip(asked, pages, strict=True):
            step.page_id = page.pk
        return [step for step, _ in asked]

    def write_executions(self) -> None:
        """Insert the new executions."""
        rows, self._rows = self._rows, []
        saved = StepTarget.objects.bulk_create(rows, batch_size=2_000)
        self.execute(row.pk for row in saved if row.released_at is not None and row.released_at <= self.now)

    def publish(self) -> None:
        """Append to the ledger and set off what follows the commit. Comes after everything is saved."""
        if self._page_news is not None:
            self._page_news.publish(after=self._events)
        else:
            append_all(self._events)
        if self._live:
            live.changed(*sorted(self._live))
        if self._wake:
            wake.after_commit(*sorted(self._wake))
        if self._executions:
            transaction.on_commit(_Hand(self._executions))


class _Hand:
    """Hands executions to the broker, some ids in each message."""

    def __init__(self, ids: list[int]) -> None:
        self._ids = ids

    def __call__(self) -> None:
        groups = [self._ids[at : at + IDS_PER_MESSAGE] for at in range(0, len(self._ids), IDS_PER_MESSAGE)]
        broker.hand_over(TASK, [",".join(map(str, group)) for group in groups], QUEUE)
