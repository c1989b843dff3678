"""A run under its lock, with its steps, its document and everything that a move changes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError

from eap.documents import Pinned, all_described, pinned
from eap.format.document import Step
from eap.models import Run, RunStep
from eap.operations.runs.news import RunNews
from eap.operations.runs.saving import save_runs, save_steps, state_of_run
from eap.rules.transitions import why_not, why_not_run
from eap.values import values_of
from incidents.models import Incident
from ledger.actor import Actor
from web.errors import IllegalMove, NotFound

S = RunStep.State
ENDED: Final = frozenset({S.DONE, S.FAILED, S.SKIPPED, S.CANCELLED})


class Board:
    """One locked run. Operations change its rows by `move` and friends, then `advance` goes on and `save` writes."""

    def __init__(self, run: Run, steps: Sequence[RunStep], *, news: RunNews, incident: Incident | None) -> None:
        self.run = run
        self.steps = list(steps)
        self.news = news
        self.incident = incident
        if incident is not None:
            run.incident = incident
        self.document: Pinned = pinned(run.version_id)
        self.described: dict[str, Step] = all_described(self.steps, self.document)
        self.by_key = {step.key: step for step in self.steps}
        self._dirty: dict[int, RunStep] = {}
        self._values: dict[str, Any] | None = None
        self.run_before = state_of_run(run)

    @property
    def now(self) -> datetime:
        """Return the time of the move."""
        return self.news.now

    def values(self) -> Mapping[str, Any]:
        """Return what conditions and texts can speak of now."""
        if self._values is None:
            self._values = values_of(self.run, self.steps, self.document.document, self.incident)
        return self._values

    def forget_values(self) -> None:
        """Have the values worked out anew: something they speak of changed."""
        self._values = None

    def changed(self, *steps: RunStep) -> None:
        """Have these rows saved."""
        for step in steps:
            self._dirty[step.pk] = step
        self._values = None

    def move(self, step: RunStep, state: str, *, sentence: str = "") -> None:
        """Put a step into a state, with the times that go with it. Its page ends with it."""
        step.state = state
        step.sentence = sentence[:1000] or step.sentence
        if state == S.ACTIVE:
            step.started_at = step.started_at or self.now
        if state in ENDED:
            step.ended_at = self.now
            step.started_at = step.started_at or step.ready_at
        else:
            step.ended_at = None
        if state in ENDED or state == S.WAITING:
            step.wake_at = step.remind_at = step.call_at = None
            self.news.unpage(step)
        if step.person_id:
            self.news.touch_person(step.person_id)
        self.changed(step)
        self.news.touch(self.run)

    def take_dirty(self) -> list[RunStep]:
        """Return the rows to be saved, and forget that they are."""
        found, self._dirty = list(self._dirty.values()), {}
        return found

    def add(self, step: RunStep) -> RunStep:
        """Take in a new row, saved already."""
        self.steps.append(step)
        self.by_key[step.key] = step
        self.described[step.key] = Step.model_validate(step.added)
        self.run.number_of_steps = len(self.steps)
        self._values = None
        return step


def lock_board(run_id: UUID | str, *, by: Actor, now: datetime) -> Board:
    """Return one run, locked until the transaction ends. Raises `NotFound`."""
    boards = lock_boards([run_id], by=by, now=now)
    if not boards:
        raise NotFound("There is no such run.")
    return boards[0]


def lock_boards(
    run_ids: Iterable[UUID | str], *, by: Actor, now: datetime, skip_locked: bool = False, news: RunNews | None = None
) -> list[Board]:
    """Return runs with their steps, locked in the order of their ids; four queries for any number of them.

    The incident is read without a lock: what conditions see of it is what was committed last.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A run is changed inside a transaction.")
    wanted = sorted(map(str, run_ids))
    runs = list(
        Run.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True, skip_locked=skip_locked)
    )
    rows: dict[UUID, list[RunStep]] = {run.pk: [] for run in runs}
    for step in RunStep.objects.filter(run__in=rows).order_by("run_id", "position", "pk"):
        rows[step.run_id].append(step)
    incidents = Incident.objects.in_bulk([run.incident_id for run in runs if run.incident_id])
    news = news or RunNews(by=by, now=now)
    return [
        Board(run, rows[run.pk], news=news, incident=incidents.get(run.incident_id) if run.incident_id else None)
        for run in runs
    ]


def lock_step(step_id: int, *, by: Actor, now: datetime) -> tuple[Board, RunStep]:
    """Return a step and its run, locked. Raises `NotFound`."""
    run_id = RunStep.objects.filter(pk=step_id).values_list("run_id", flat=True).first()
    if run_id is None:
        raise NotFound("There is no such step.")
    board = lock_board(run_id, by=by, now=now)
    return board, next(each for each in board.steps if each.pk == step_id)


def check(board: Board, step: RunStep, *, verb: str) -> None:
    """Raise `IllegalMove` unless `verb` may be done to this step of this run now."""
    of_the_run = why_not_run("begin" if verb == "start" else "work", state=board.run.state)
    sentence = of_the_run or why_not(verb, kind=step.kind, state=step.state)
    if sentence:
        raise IllegalMove(sentence)


def save_boards(boards: Sequence[Board]) -> None:
    """Write what changed and publish the news: pages first, then rows, then the ledger's heads as the last lock."""
    if not boards:
        return
    news = boards[0].news
    paged = {step.pk: step for step in news.write_pages()}
    for board in boards:
        for step in board.take_dirty():
            paged[step.pk] = step
    news.write_executions()
    save_steps(paged.values())
    save_runs(board.run for board in boards if board.run_before != state_of_run(board.run))
    news.publish()
