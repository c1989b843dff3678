"""What a page for an approval asks by text and on a call, and what the answer does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from eap.approvals import about, basis
from eap.models import RunStep, Vote
from eap.operations.runs.board import ENDED, Board
from eap.operations.runs.vote import vote, why_no_vote
from eap.run_queries import board_for_reading
from eap.run_screen import written
from notifications.models import Page
from notifications.questions import Given, Question
from people.models import Person
from web.errors import IllegalMove

MOST_INPUTS: Final = 3
MOST_STEPS: Final = 3
LONGEST: Final = 90
"""Characters of one input or of one sentence of what would happen: more is read on the web, not heard."""


def ask(page_id: UUID, person: Person, now: datetime) -> Question | None:
    """Return what the page of an approval, or of the gate before a wave, asks a person; None for other pages.

    Its seal is the digest that votes name: of the version, the inputs and what would happen, whole, however much of
    that is said.
    """
    step = _step_of(page_id)
    if step is None or (step.kind != "approval" and step.gate is None):
        return None
    if step.state in ENDED:
        return Question(text="", seal="", refused=_("This is over: %(how)s") % {"how": step.sentence or step.state})
    board = board_for_reading(step.run)
    plan = board.described[step.key]
    found = basis(board, step)
    return Question(
        text=_text(board, step, found.text, found.facts["would"]),
        seal=found.digest,
        grave=plan.approval.destructive if plan.approval else plan.destructive,
        refused=why_no_vote(board, step, person=person, now=now),
    )


def answer(given: Given) -> str:
    """Vote on what the seal stands for, and say what was voted and how many still have to agree."""
    step = _step_of(given.page_id)
    if step is None:
        raise IllegalMove(_("Nothing is to be approved here any more."))
    wave = about(step)
    after = vote(
        step_id=step.pk,
        approve=given.approve,
        digest=given.seal,
        by=given.by,
        now=given.now,
        second_factor=given.second_factor,
    )
    names = {"title": step.title, "plan": step.run.title}
    if not given.approve:
        return _("You said no to “%(title)s” (%(plan)s). It does not happen.") % names
    own = _("You approved “%(title)s” (%(plan)s).") % names
    plan = board_for_reading(step.run).described[step.key]
    count = plan.approval.count if plan.approval else 1
    agreed = Vote.objects.filter(step=step, about=wave, voided_at=None, answer=Vote.Answer.APPROVE).count()
    if after.state in ENDED or agreed >= count:
        return f"{own} {_('Nobody else is needed; it goes ahead.')}"
    more = {"agreed": agreed, "count": count, "more": count - agreed}
    return f"{own} {_('%(agreed)d of %(count)d agreed; %(more)d more needed.') % more}"


def _step_of(page_id: UUID) -> RunStep | None:
    purpose = Page.objects.filter(pk=page_id).values_list("purpose", flat=True).first() or ""
    kind, _colon, number = purpose.partition(":")
    if kind != "step" or not number.isdecimal():
        return None
    # By the page's purpose and not by `page_id`: a page that ended still says what it had called for.
    return RunStep.objects.select_related("run", "run__incident").filter(pk=int(number)).first()


def _text(board: Board, step: RunStep, of: str, would: list[Mapping[str, Any]]) -> str:
    what = _plain(of) or step.title
    if step.gate is not None:
        what = _("Wave %(wave)d of “%(title)s”") % {"wave": step.gate, "title": step.title}
    inputs = written(board.run.inputs, board.document.document.inputs)
    told = [f"{_cut(name)}: {_cut(value)}" for name, value in inputs[:MOST_INPUTS]]
    if len(inputs) > MOST_INPUTS:
        told.append(_("%(count)d more inputs") % {"count": len(inputs) - MOST_INPUTS})
    sentences = [_sentence(what), _sentence(", ".join(told))]
    sentences += [_sentence(_would(each)) for each in would[:MOST_STEPS]]
    if len(would) > MOST_STEPS:
        sentences.append(_("And %(count)d more steps.") % {"count": len(would) - MOST_STEPS})
    return " ".join(sentence for sentence in sentences if sentence)


def _would(each: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in list(each["counts"].items())[:MOST_INPUTS])
    said = f"{each['title']}: {_cut(each['sentence'])}"
    return f"{said.rstrip('.')} ({counts})" if counts else said


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3].rstrip() + "..."


def _plain(text: str) -> str:
    """Return Markdown as a voice reads it: one line, without the marks of emphasis, code and headings."""
    return " ".join(text.replace("*", "").replace("`", "").replace("#", "").split())
