"""Documents of published versions, read once per process: they never change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from eap.format.canonical import restore
from eap.format.document import Document, Step
from eap.models import PlanVersion, RunStep

KEPT: Final = 64
"""Documents at hand: one of 500 steps takes about 2 MiB."""


@dataclass(frozen=True)
class Pinned:
    """A document with its steps by id."""

    document: Document
    steps: dict[str, Step]
    number: int
    digest: str


@lru_cache(maxsize=KEPT)
def pinned(version_id: UUID) -> Pinned:
    """Return what a published version says. Raises `PlanVersion.DoesNotExist`, or `ValueError` for an unpublished one,
    which may still change."""
    version = PlanVersion.objects.get(pk=version_id)
    if version.state != PlanVersion.State.PUBLISHED or version.document is None:
        raise ValueError("Only a published version can be run.")
    document = restore(version.document)
    return Pinned(
        document=document,
        steps={step.id: step for step in document.steps},
        number=version.number,
        digest=version.digest,
    )


def described(row: RunStep, document: Pinned) -> Step:
    """Return what a run's step is: as the plan says, or as who added it said."""
    return Step.model_validate(row.added) if row.added is not None else document.steps[row.key]


def all_described(rows: Iterable[RunStep], document: Pinned) -> dict[str, Step]:
    """Return what each of a run's steps is, by key."""
    return {row.key: described(row, document) for row in rows}
