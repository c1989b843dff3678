"""What exactly is approved, as people see it and as one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eap.models import RunStep
from eap.operations.runs.board import Board
from eap.operations.runs.preview import previews
from eap.values import filled


@dataclass(frozen=True)
class Basis:
    """What somebody agrees to: the plan's version, the inputs, what would happen; `digest` stands for all of it."""

    text: str
    facts: Mapping[str, Any]
    digest: str


def about(step: RunStep) -> str:
    """Return which round of votes is open at a step: "" for an approval, "wave:<n>" for a gate."""
    return f"wave:{step.gate}" if step.gate is not None else ""


def basis(board: Board, step: RunStep) -> Basis:
    """Return what is to be approved at a step now. Secret inputs count by their digest and are never shown."""
    described = board.described[step.key]
    text = filled(described.approval.of if described.approval else step.title, board.values())
    secret = board.run.secret_inputs
    facts = {
        "run": str(board.run.pk),
        "plan": board.run.title,
        "version": board.document.number,
        "document": board.document.digest,
        "step": step.key,
        "about": about(step),
        "attempt": step.attempt_group,
        "text": text,
        "inputs": board.run.inputs,
        "inputs_revision": board.run.inputs_revision,
        "secret_inputs": hashlib.sha256(f"{board.run.pk}{secret}".encode()).hexdigest() if secret else "",
        "drill": board.run.drill,
        "would": previews(board, step) if step.gate is None else [],
    }
    written = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Basis(text=text, facts=facts, digest=hashlib.sha256(written.encode()).hexdigest())
