"""Steps that wait: for a time, for a condition, for the answer to a page, for another run, for an approval's time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from eap.format.expressions import Senseless, holds
from eap.models import Run, RunStep
from eap.operations.runs.ask import call_approvers
from eap.operations.runs.board import Board
from eap.operations.runs.ending import fail, finish
from eap.operations.runs.preview import still_worked_out
from eap.roles import Roles
from notifications.models import Page


def look_at_wait(board: Board, step: RunStep, roles: Roles) -> None:
    """End a wait whose time has come or whose condition holds; else note when to look again."""
    wait = board.described[step.key].wait
    assert wait is not None  # noqa: S101  (the format demands it of this kind)
    assert step.started_at is not None  # noqa: S101  (an active step began)
    if wait.until is None:
        over = step.started_at + timedelta(seconds=wait.time or 0)
        if board.now >= over:
            finish(board, step, "The time is over.")
        else:
            step.wake_at = over
        return
    try:
        if holds(wait.until, board.values()):
            finish(board, step, "What it waited for is so.")
            return
    except Senseless as senseless:
        fail(board, step, f"What it waits for can't be worked out: {senseless.sentence}", roles=roles)
        return
    last = step.started_at + timedelta(seconds=wait.at_most)
    if board.now >= last:
        fail(board, step, "It waited as long as it may, and what it waits for is not so.", roles=roles)
        return
    step.wake_at = min(last, board.now + timedelta(seconds=wait.every))


def look_at_approval(board: Board, step: RunStep, roles: Roles) -> None:
    """Take an approval whose time is over for a no."""
    if step.wake_at is not None and board.now >= step.wake_at:
        fail(board, step, "Too few people answered in time, which counts as a no.", roles=roles)


def call_when_known(board: Board, step: RunStep, roles: Roles) -> None:
    """Call those who may approve as soon as what they approve is known, or when nobody waits for that any longer."""
    missing = still_worked_out(board, step)
    if missing and (step.call_at is None or board.now < step.call_at):
        return
    for each in missing:
        each.preview = {**each.preview, "sentence": "No figures yet."}
        board.changed(each)
    step.call_at = None
    board.changed(step)
    call_approvers(board, step, roles, title=f"Approve: {step.title}")


def look_at_page(board: Board, step: RunStep, pages: dict[UUID, Page], roles: Roles) -> None:
    """End a page step with its page: well when somebody answered, badly when nobody did."""
    page = pages.get(step.page_id) if step.page_id else None
    if page is None:
        return
    if page.state == Page.State.ACKNOWLEDGED:
        by = page.acknowledged_by.name if page.acknowledged_by else "Somebody"
        step.link = f"/pages/{page.pk}/"
        finish(board, step, f"{by} answered.")
    elif page.state == Page.State.EXHAUSTED:
        step.link = f"/pages/{page.pk}/"
        fail(board, step, "Nobody answered the page.", roles=roles)


def look_at_child(board: Board, step: RunStep, children: dict[int, Run], roles: Roles) -> None:
    """End a step that another run carries out as that run ended."""
    child = children.get(step.pk)
    if child is None or child.is_open:
        return
    if child.state == Run.State.DONE:
        finish(board, step, child.outcome or "Done.")
    else:
        word = "failed" if child.state == Run.State.FAILED else "was stopped"
        fail(board, step, f"The plan it runs {word}. {child.outcome}".strip(), roles=roles)
