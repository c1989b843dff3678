"""Begin a plan, or the next version of one; save what was written; throw a draft away."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max

from eap.format.canonical import digest, stored
from eap.format.read import Reading
from eap.models import Edit, Plan, PlanVersion
from eap.operations.plans.locking import lock_plan, lock_version, version_under_work
from eap.operations.plans.recording import record
from eap.plan_queries import read_among_plans
from ledger.actor import Actor
from people.models import Person
from web.errors import BadInput, IllegalMove

KEY: Final = re.compile(r"^[a-z][a-z0-9-]{0,59}$")
TAKEN: Final = ("new", "check")
"""Words that stand in addresses where a plan's key would."""
LONGEST_NOTES: Final = 20_000


def draft_plan(
    *, key: str, text: str, person: Person | None, by: Actor, now: datetime, notes: str = "", builtin: bool = False
) -> PlanVersion:
    """Make a plan of this key with a first draft. The text may still be wrong; the key may not be taken.

    Raises `BadInput`.
    """
    if not KEY.fullmatch(key) or key in TAKEN:
        sentence = (
            "A key is small letters, digits and hyphens, begins with a letter, and has 60 characters at most; "
            "`new` and `check` are taken."
        )
        raise BadInput(sentence, errors={"key": sentence})
    reading = read_among_plans(text)
    _same_key(key, reading)
    title = reading.document.title if reading.document else key
    owner = reading.document.owner if reading.document else ""
    plan, made = Plan.objects.get_or_create(
        key=key, defaults={"title": title, "owner": owner, "builtin": builtin, "created_at": now}
    )
    if not made:
        sentence = f"There is a plan with the key {key} already. Choose another, or propose a change to that one."
        raise BadInput(sentence, errors={"key": sentence})
    return draft_version(plan=plan, text=text, person=person, by=by, now=now, notes=notes, from_builtin=builtin)


def draft_version(
    *,
    plan: Plan,
    text: str,
    person: Person | None,
    by: Actor,
    now: datetime,
    notes: str = "",
    based_on: PlanVersion | None = None,
    from_builtin: bool = False,
) -> PlanVersion:
    """Open the plan's next version with this text. Locks the plan. Raises `IllegalMove` while another is under work."""
    plan = lock_plan(plan.pk)
    other = version_under_work(plan)
    if other is not None:
        state = other.get_state_display().lower()
        raise IllegalMove(
            f"Version {other.number} of {plan.title} is already under work ({state}). Go on with that one."
        )
    newest = plan.versions.aggregate(newest=Max("number"))["newest"] or 0
    version = PlanVersion(
        plan=plan,
        number=newest + 1,
        based_on=based_on,
        from_builtin=from_builtin,
        created_by=person,
        created_at=now,
    )
    _write(version, text, notes, person=person, now=now)
    record(version, "plan.drafted", by=by, now=now, personal=version.notes)
    return version


def propose_change(
    *, plan: Plan, person: Person | None, by: Actor, now: datetime, notes: str, text: str | None = None
) -> PlanVersion:
    """Open the plan's next version as it stands today, with `notes` that say why; its author goes on from there.

    While a draft is under work the notes are added to it. Locks plan and version. Raises `IllegalMove` for one in
    review, and for a plan that has no text yet.
    """
    plan = lock_plan(plan.pk)
    open_one = version_under_work(plan)
    if open_one is not None and open_one.state == PlanVersion.State.DRAFT and text is None:
        open_one.plan = plan
        joined = f"{open_one.notes}\n\n{notes}".strip() if notes.strip() not in open_one.notes else open_one.notes
        if joined != open_one.notes:
            open_one.notes = joined[:LONGEST_NOTES]
            open_one.revision += 1
            open_one.save(update_fields=["notes", "revision"])
            record(open_one, "plan.change_proposed", by=by, now=now, personal=notes)
        return open_one
    base = plan.published or plan.versions.first()
    if base is None:
        raise IllegalMove(f"{plan.title} has no version to begin from.")
    text = base.text if text is None else text
    return draft_version(plan=plan, text=text, person=person, by=by, now=now, notes=notes, based_on=base)


def save_draft(
    *, version_id: UUID | str, text: str, notes: str, revision: int, person: Person | None, by: Actor, now: datetime
) -> PlanVersion:
    """Save what was written, right or wrong. `revision` is the one the writer began from.

    Locks plan and version. Raises `IllegalMove` when somebody else saved meanwhile (the caller keeps the text), and for
    a version that is no draft. Saving the same again changes nothing.
    """
    version = lock_version(version_id)
    if version.state != PlanVersion.State.DRAFT:
        state = version.get_state_display().lower()
        raise IllegalMove(f"Version {version.number} is {state} and can't be changed. Your text is kept below.")
    if (version.text, version.notes) == (_clean(text), notes.strip()):
        return version
    if version.revision != revision:
        who = version.edited_by.name if version.edited_by else "Somebody"
        raise IllegalMove(
            f"{who} saved this draft while you were writing. Your text is kept below: compare, save again."
        )
    version.revision += 1
    _write(version, text, notes, person=person, now=now)
    record(version, "plan.draft_saved", by=by, now=now, more={"revision": version.revision})
    return version


def discard_draft(*, version_id: UUID | str, by: Actor, now: datetime) -> Plan | None:
    """Throw a draft away; a plan that has nothing else goes with it. Returns the plan, None when it is gone.

    Locks plan and version. Raises `IllegalMove` for anything but a draft.
    """
    version = lock_version(version_id)
    if version.state != PlanVersion.State.DRAFT:
        raise IllegalMove("Only a draft can be thrown away.")
    plan = version.plan
    record(version, "plan.draft_discarded", by=by, now=now)
    version.delete()
    if plan.versions.exists():
        return plan
    plan.delete()
    return None


def _clean(text: str) -> str:
    """Return the text as a file has it: line ends of one character, one at the end, no NUL."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.rstrip("\n") + "\n" if text.strip() else ""


def _write(version: PlanVersion, text: str, notes: str, *, person: Person | None, now: datetime) -> Reading:
    """Set a version's text and all that follows from it, and remember who wrote."""
    version.text = _clean(text)
    reading = read_among_plans(version.text)
    _same_key(version.plan.key, reading)
    version.document = stored(reading.document) if reading.document else None
    version.digest = digest(reading.document) if reading.document else ""
    version.notes = notes.strip()[:LONGEST_NOTES]
    version.edited_by, version.edited_at = person, now
    version.save()
    if person is not None:
        Edit.objects.update_or_create(version=version, person=person, defaults={"at": now})
    if version.plan.published_id is None and reading.document:
        version.plan.title, version.plan.owner = reading.document.title, reading.document.owner
        version.plan.save(update_fields=["title", "owner"])
    return reading


def _same_key(key: str, reading: Reading) -> None:
    if reading.document is not None and reading.document.key != key:
        sentence = f"This plan's key is {key} and stays so; the text says {reading.document.key}."
        raise BadInput(sentence, errors={"text": sentence})
