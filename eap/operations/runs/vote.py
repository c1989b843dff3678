"""Say yes or no at an approval, or at the gate before a wave of a fan-out."""

from __future__ import annotations

from datetime import datetime

from eap.approvals import about, basis
from eap.models import RunStep, StepTarget, Vote
from eap.operations.runs.advance import advance
from eap.operations.runs.ask import approvers, excluded, roles_that_vote
from eap.operations.runs.board import Board, S, check, lock_step
from eap.operations.runs.ending import fail, finish, stop_pending
from eap.operations.runs.executions import release_first
from eap.roles import Roles
from eap.rules.approvals import Asked, Given, verdict, why_not
from eap.rules.transitions import why_not as why_not_step
from eap.rules.transitions import why_not_run
from ledger.actor import Actor
from notifications.models import Page
from notifications.operations.acknowledge import acknowledge
from notifications.queries import OPEN_STATES
from people.models import Person
from web.errors import IllegalMove, NotAllowed


def vote(
    *,
    step_id: int,
    approve: bool,
    digest: str,
    by: Actor,
    now: datetime,
    second_factor: bool = False,
    note: str = "",
) -> RunStep:
    """Vote on exactly what `digest` stands for (`eap.approvals.basis`), and return the step.

    `second_factor`: the door has just seen one. The same vote of the same person again changes nothing. Raises
    `IllegalMove` or `NotAllowed` with the sentence that says why a vote does not count: it has expired, who asked for
    it may not agree to it, the role is missing, they voted otherwise before, what is approved has changed, the second
    factor is missing. Locks the run, then its open pages.
    """
    board, step = lock_step(step_id, by=by, now=now)
    person = Person.objects.active().filter(pk=by.id).first() if by.kind == "person" else None
    if person is None:
        raise NotAllowed("Only a person can approve.")
    answer = Vote.Answer.APPROVE if approve else Vote.Answer.DENY
    if Vote.objects.filter(
        step=step, person=person, answer=answer, digest=digest, voided_at=None, second_factor=second_factor
    ).exists():
        return step
    check(board, step, verb="vote")
    if step.kind != "approval" and step.gate is None:
        raise IllegalMove("Nothing is to be approved at this step.")
    roles = Roles(now=now)
    asked = _asked(board, step, roles)
    before = _given(step)
    # A no needs no second factor: it harms nothing, and must come quickly.
    factor = second_factor or not approve
    refused = why_not(asked, person=str(person.pk), digest=digest, second_factor=factor, before=before, now=now)
    if refused:
        raise NotAllowed(refused) if "none of the roles" in refused else IllegalMove(refused)
    _stop_calling(board, step, person, by=by, now=now)
    row = Vote.objects.create(
        step=step,
        about=about(step),
        person=person,
        answer=answer,
        role=_role_of(board, step, person, roles),
        digest=digest,
        via=by.via,
        second_factor=second_factor,
        note=note.strip()[:1000],
        at=now,
    )
    board.news.say(
        board.run,
        "run.voted",
        step=step,
        payload={
            "answer": answer.value,
            "about": row.about,
            "digest": digest,
            "role": row.role,
            "second_factor": second_factor,
            "of": asked.count,
            "approved": sum(1 for each in before if each.approves) + (1 if approve else 0),
        },
        personal=row.note,
    )
    _conclude(board, step, asked, [*before, Given(person=str(person.pk), approves=approve)], roles)
    advance([board])
    return step


def _stop_calling(board: Board, step: RunStep, person: Person, *, by: Actor, now: datetime) -> None:
    """Let whoever votes have answered the page that asked them, whichever way they vote.

    Every open page of the run is locked at once: the vote may end any of them, and then the ledger's head is held.
    """
    about_run = Page.objects.filter(subject=board.run.subject, state__in=OPEN_STATES)
    for page in about_run.order_by("pk").select_for_update(no_key=True):
        if page.pk == step.page_id or str(page.fallback_of_id) in step.unanswered:
            acknowledge(page_id=page.pk, person=person, by=by, now=now)


def why_no_vote(board: Board, step: RunStep, *, person: Person, now: datetime) -> str:
    """Return why nothing that this person says to a step could count now, "" when it can. Reads only: for a board that
    is never saved."""
    if step.kind != "approval" and step.gate is None:
        return "Nothing is to be approved at this step."
    moved_on = why_not_run("work", state=board.run.state) or why_not_step("vote", kind=step.kind, state=step.state)
    if moved_on:
        return moved_on
    asked = _asked(board, step, Roles(now=now))
    return why_not(asked, person=str(person.pk), digest=asked.digest, second_factor=True, before=_given(step), now=now)


def _asked(board: Board, step: RunStep, roles: Roles) -> Asked:
    described = board.described[step.key]
    approval = described.approval
    eligible = [str(person.pk) for person in approvers(board, step, roles)]
    return Asked(
        count=approval.count if approval else 1,
        # Who is excluded hears so, and not that the role is missing.
        eligible={*eligible, *excluded(board)},
        excluded=excluded(board),
        destructive=approval.destructive if approval else described.destructive,
        expires_at=step.wake_at if approval else None,
        digest=basis(board, step).digest,
    )


def _given(step: RunStep) -> list[Given]:
    votes = Vote.objects.filter(step=step, about=about(step), voided_at=None)
    return [Given(person=str(each.person_id), approves=each.answer == Vote.Answer.APPROVE) for each in votes]


def _role_of(board: Board, step: RunStep, person: Person, roles: Roles) -> str:
    document = board.document.document
    found = (name for name in roles_that_vote(board, step) if person in roles.line(board.run, document.roles[name]))
    return next(found, "")


def _conclude(board: Board, step: RunStep, asked: Asked, given: list[Given], roles: Roles) -> None:
    came_to = verdict(asked, given, now=board.now)
    by = board.news.by.name
    if step.gate is not None:
        _conclude_gate(board, step, wave=step.gate, approved=came_to == "approved", roles=roles)
    elif came_to == "approved":
        yes = sum(1 for each in given if each.approves)
        finish(board, step, f"Approved by {yes} of {asked.count}." if yes > 1 else f"{by} approved.")
    elif came_to == "denied":
        fail(board, step, f"{by} said no.", roles=roles)
    elif step.state == S.READY:
        board.move(step, S.ACTIVE, sentence=f"{sum(1 for each in given if each.approves)} of {asked.count} agreed.")


def _conclude_gate(board: Board, step: RunStep, *, wave: int, approved: bool, roles: Roles) -> None:
    step.gate = None
    board.news.unpage(step)
    board.changed(step)
    if not approved:
        stop_pending([step])
        fail(board, step, f"{board.news.by.name} did not let wave {wave} begin.", roles=roles)
        return
    fan_out = board.described[step.key].targets
    rows = list(StepTarget.objects.filter(step=step, wave=wave, state="pending").order_by("position", "pk"))
    release_first(rows, fan_out, now=board.now)
    StepTarget.objects.bulk_update([row for row in rows if row.released_at], ["released_at"], batch_size=500)
    board.news.execute(row.pk for row in rows if row.released_at is not None and row.released_at <= board.now)
