"""Keep what proves a step: notes, files, hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eap.format import document
from eap.models import Evidence, RunStep
from eap.operations.runs.board import Board, S, lock_step, save_boards
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput, IllegalMove

LARGEST_FILE: Final = 10 * 1024 * 1024
LONGEST_NOTE: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One piece of evidence as somebody gives it: a `note`, a file (`name` and `content`), or a `hash` in hex.

    `name` says what a hash is of.
    """

    note: str = ""
    name: str = ""
    content: bytes | None = None
    content_type: str = ""
    hash: str = ""


def add_evidence(*, step_id: int, evidence: Sequence[Proof], by: Actor, now: datetime) -> list[Evidence]:
    """Keep evidence of a step that has begun or ended, and return it. What is there already is not kept twice.

    Raises `IllegalMove` for a step that waits or was left out, `BadInput` for what can't be kept. Locks the run.
    """
    board, step = lock_step(step_id, by=by, now=now)
    if step.state in (S.WAITING, S.CANCELLED) or step.bypassed:
        raise IllegalMove("This step has not begun, so there is nothing to prove yet.")
    kept = keep(board, step, evidence)
    save_boards([board])
    return kept


def keep(board: Board, step: RunStep, evidence: Sequence[Proof]) -> list[Evidence]:
    """Insert evidence and note it for the ledger: files by their digest, notes as personal text."""
    by = board.news.by
    person = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    kept = []
    for proof in evidence:
        row = _row(proof)
        row.step, row.person, row.person_name, row.at = step, person, by.name[:100], board.now
        same = Evidence.objects.filter(step=step, kind=row.kind, sha256=row.sha256, text=row.text, person=person)
        if same.exists():
            continue
        row.save()
        kept.append(row)
        board.news.say(
            board.run,
            "run.evidence_added",
            step=step,
            payload={"evidence": row.kind, "name": row.name, "size": row.size, "sha256": row.sha256},
            personal=row.text,
        )
    return kept


def _row(proof: Proof) -> Evidence:
    if proof.content is not None:
        if len(proof.content) > LARGEST_FILE:
            raise _unfit("A file may have 10 MB; keep a larger one elsewhere and give its SHA-256 here.")
        return Evidence(
            kind=Evidence.Kind.FILE,
            name=(proof.name or "file")[:200],
            content_type=proof.content_type[:100],
            size=len(proof.content),
            sha256=hashlib.sha256(proof.content).hexdigest(),
            content=proof.content,
        )
    if proof.hash:
        digest = proof.hash.strip().lower()
        if not re.fullmatch(r"[0-9a-f]{32,128}", digest):
            raise _unfit("Give a hash as hexadecimal digits, such as a SHA-256 has 64 of.")
        return Evidence(kind=Evidence.Kind.HASH, name=proof.name[:200], sha256=digest, text=proof.note[:LONGEST_NOTE])
    if not proof.note.strip():
        raise _unfit("Write a note, attach a file or give a hash.")
    if len(proof.note) > LONGEST_NOTE:
        raise _unfit(f"A note may have {LONGEST_NOTE} characters; attach a longer one as a file.")
    return Evidence(kind=Evidence.Kind.NOTE, text=proof.note.strip())


def _unfit(sentence: str) -> BadInput:
    return BadInput(sentence, errors={"evidence": sentence})


def what_is_missing(wanted: document.Evidence, step: RunStep) -> str:
    """Return which evidence that the plan asks for is not there yet, in words; "" when all is there."""
    there = set(Evidence.objects.filter(step=step).values_list("kind", flat=True))
    words = [
        word
        for asked, kind, word in (
            (wanted.note, "note", "a note"),
            (wanted.file, "file", "a file"),
            (wanted.hash, "hash", "a hash"),
        )
        # A file has its SHA-256: it proves as much as a hash does.
        if asked and kind not in there and not (kind == "hash" and "file" in there)
    ]
    return " and ".join(words)
