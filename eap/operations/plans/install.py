"""The plans that come with Muster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from eap.format.document import Document
from eap.format.problems import errors
from eap.format.read import read
from eap.models import Plan, PlanVersion
from eap.operations.plans.draft import draft_plan, draft_version
from eap.operations.plans.locking import lock_plan, version_under_work
from eap.operations.plans.recording import record
from eap.operations.plans.review import follow
from ledger.actor import Actor

FOLDER: Final = Path(__file__).resolve().parents[2] / "builtin"
Outcome = Literal["installed", "offered", "unchanged", "waits"]


@dataclass(frozen=True)
class Builtin:
    """A plan as it came with this release."""

    text: str
    document: Document
    digest: str


class BrokenBuiltin(Exception):
    """A file of ours can't be used. Names file, line and reason."""


@lru_cache(maxsize=1)
def builtins() -> dict[str, Builtin]:
    """Return the plans that come with Muster, by key. Raises `BrokenBuiltin`."""
    from eap.format.canonical import digest

    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        reading = read(text)
        if reading.document is None or errors(reading.problems):
            raise BrokenBuiltin(f"{path.name}:{errors(reading.problems)[0]}")
        found[reading.document.key] = Builtin(text, reading.document, digest(reading.document))
    return found


def install(*, key: str, by: Actor, now: datetime) -> Outcome:
    """Bring one built-in plan in; call it in a transaction of its own for each.

    The first time it is published as version 1. Later only what is new is offered, as a draft for review; the company's
    own text is never replaced. "waits": a version is under work, so the new text comes when that is done.
    """
    builtin = builtins()[key]
    plan = Plan.objects.filter(key=key).first()
    if plan is None:
        return _install_first(builtin, by=by, now=now)
    plan = lock_plan(plan.pk)
    if builtin.digest in (plan.builtin_digest, plan.published.digest if plan.published else ""):
        return "unchanged"
    if version_under_work(plan) is not None:
        return "waits"
    draft_version(
        plan=plan,
        text=builtin.text,
        person=None,
        by=by,
        now=now,
        notes="A newer text came with Muster. Compare it with yours; nothing changes before somebody publishes it.",
        based_on=plan.published,
        from_builtin=True,
    )
    Plan.objects.filter(pk=plan.pk).update(builtin_digest=builtin.digest)
    return "offered"


def _install_first(builtin: Builtin, *, by: Actor, now: datetime) -> Outcome:
    key = builtin.document.key
    version = draft_plan(key=key, text=builtin.text, person=None, by=by, now=now, builtin=True)
    plan = lock_plan(version.plan_id)
    plan.builtin_digest = builtin.digest
    # It was read and reviewed by who wrote this release; nobody's own text is replaced by it.
    PlanVersion.objects.filter(pk=version.pk).update(state=PlanVersion.State.PUBLISHED, published_at=now)
    version.refresh_from_db()
    version.plan = plan
    follow(plan, version, builtin.document)
    record(version, "plan.published", by=by, now=now, more={"title": builtin.document.title, "builtin": True})
    return "installed"
