"""Ask automations what they would do, so that an approval says exactly what is approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from eap.actions.base import Host, Trouble
from eap.models import RunStep, StepTarget
from eap.operations.runs.board import Board, S
from eap.operations.runs.executions import begin_preview, call_of, hosts_for
from eap.rules.unlocking import Node, downstream

PREVIEWS_WITHIN: Final = timedelta(seconds=60)
"""How long an approval waits with calling its people, so that they read figures; a quarter of its time at most."""


def ask_for_previews(board: Board, approval: RunStep) -> None:
    """Have every automation that waits behind an approval, up to the next one, say what it would do."""
    for step in let_through_by(board, approval):
        described = board.described[step.key]
        if described.call is None:
            continue
        step.preview = {"sentence": "Being worked out.", "counts": {}, "pending": True}
        try:
            host, hosts = None, None
            if described.targets is not None:
                found = hosts_for(board, described)
                host, hosts = (found[0] if found else None), len(found)
            call_of(described)
        except Trouble as trouble:
            step.preview = {"sentence": trouble.sentence[:500], "counts": {}}
        else:
            if hosts is not None:
                step.preview["counts"] = {"hosts": hosts}
            _start(board, step, host)
        board.changed(step)


def _start(board: Board, step: RunStep, host: Host | None) -> None:
    row = begin_preview(step, host, now=board.now)
    board.news.execute([row.pk])


def let_through_by(board: Board, approval: RunStep) -> list[RunStep]:
    """Return the waiting steps that come after an approval and before any other one on every way."""
    nodes = [
        Node(key=each.key, needs=board.described[each.key].needs)
        for each in board.steps
        if each.key == approval.key or each.kind != "approval"
    ]
    known = {node.key for node in nodes}
    nodes = [Node(key=node.key, needs=tuple(need for need in node.needs if need in known)) for node in nodes]
    behind = downstream(nodes, approval.key)
    return [step for step in board.steps if step.key in behind and step.state == S.WAITING]


def still_worked_out(board: Board, approval: RunStep) -> list[RunStep]:
    """Return the automations behind an approval that have not said yet what they would do."""
    return [step for step in let_through_by(board, approval) if step.preview.get("pending")]


def take_previews(boards: list[Board], rows: Mapping[int, StepTarget]) -> None:
    """Copy what the automations said onto their steps."""
    for board in boards:
        for step in board.steps:
            row = rows.get(step.pk)
            if row is not None and step.preview.get("sentence") != row.sentence:
                counts = {**step.preview.get("counts", {}), **row.facts}
                step.preview = {"sentence": row.sentence, "counts": counts, "at": _written(row.ended_at)}
                board.changed(step)
                board.news.touch(board.run)


def _written(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def previews(board: Board, approval: RunStep) -> list[dict[str, Any]]:
    """Return what is known to happen behind an approval: the step, its sentence, its counts."""
    return [
        {
            "step": step.key,
            "title": step.title,
            "sentence": step.preview.get("sentence", ""),
            "counts": step.preview.get("counts", {}),
        }
        for step in let_through_by(board, approval)
        if board.described[step.key].call is not None
    ]
