"""Hand a draft in, take it back; the second person publishes it or sends it back with a reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from eap.format.document import Document
from eap.format.problems import errors
from eap.models import Edit, Plan, PlanVersion, Review
from eap.operations.plans.locking import lock_plan, lock_version
from eap.operations.plans.recording import record
from eap.plan_queries import read_among_plans
from ledger.actor import Actor
from ledger.operations.append import append
from people.models import Person
from web import live
from web.errors import BadInput, IllegalMove, NotAllowed

State = PlanVersion.State


def submit(*, version_id: UUID | str, person: Person | None, by: Actor, now: datetime) -> PlanVersion:
    """Hand a draft in for review. Handing in what is in review changes nothing.

    Locks plan and version. Raises `IllegalMove` for a draft with errors and for anything that is no draft.
    """
    version = lock_version(version_id)
    if version.state == State.IN_REVIEW:
        return version
    _expect(version, State.DRAFT, "handed in")
    _sound(version)
    version.state, version.submitted_by, version.submitted_at = State.IN_REVIEW, person, now
    version.save(update_fields=["state", "submitted_by", "submitted_at"])
    if person is not None:
        Edit.objects.get_or_create(version=version, person=person, defaults={"at": now})
    record(version, "plan.submitted", by=by, now=now)
    return version


def take_back(*, version_id: UUID | str, by: Actor, now: datetime) -> PlanVersion:
    """Make a version in review a draft again, so that it can be changed. Locks plan and version."""
    version = lock_version(version_id)
    if version.state == State.DRAFT:
        return version
    _expect(version, State.IN_REVIEW, "taken back")
    version.state, version.submitted_by, version.submitted_at = State.DRAFT, None, None
    version.revision += 1
    version.save(update_fields=["state", "submitted_by", "submitted_at", "revision"])
    record(version, "plan.taken_back", by=by, now=now)
    return version


def publish(*, version_id: UUID | str, digest: str, person: Person, by: Actor, now: datetime) -> PlanVersion:
    """Publish a version in review: runs started from now on use it. Publishing it again changes nothing.

    `digest` names what the reviewer has read. Locks plan and version. Raises `NotAllowed` for somebody who wrote in it,
    `IllegalMove` when it is not in review, says something else by now, or no longer fits the other plans.
    """
    version = lock_version(version_id)
    if version.state == State.PUBLISHED:
        return version
    _expect(version, State.IN_REVIEW, "published")
    _second_person(version, person)
    if digest != version.digest:
        raise IllegalMove("This version was changed since you opened it. Read it again before you publish it.")
    document = _sound(version)
    version.state, version.published_at = State.PUBLISHED, now
    version.save(update_fields=["state", "published_at"])
    _judge(version, person, Review.Verdict.PUBLISHED, "", now)
    follow(version.plan, version, document)
    record(version, "plan.published", by=by, now=now, more={"title": document.title})
    return version


def reject(*, version_id: UUID | str, reason: str, person: Person, by: Actor, now: datetime) -> PlanVersion:
    """Send a version back for good, saying why; its author begins the next one from it.

    Locks plan and version. Raises `BadInput` without a reason, `NotAllowed` for who wrote in it, `IllegalMove`.
    """
    version = lock_version(version_id)
    reason = reason.strip()
    if not reason:
        raise BadInput("Say why.", errors={"reason": "Say what has to change; the author reads it."})
    if version.state == State.REJECTED:
        return version
    _expect(version, State.IN_REVIEW, "rejected")
    _second_person(version, person)
    version.state = State.REJECTED
    version.save(update_fields=["state"])
    _judge(version, person, Review.Verdict.REJECTED, reason, now)
    record(version, "plan.rejected", by=by, now=now, personal=reason)
    return version


def archive(*, plan_id: UUID | str, by: Actor, now: datetime) -> Plan:
    """Take a plan out of use: nothing starts from it any more; its versions and runs stay. Locks the plan."""
    return _set_archived(plan_id, now, "plan.archived", by=by, now=now)


def restore(*, plan_id: UUID | str, by: Actor, now: datetime) -> Plan:
    """Put an archived plan back into use. Locks the plan."""
    return _set_archived(plan_id, None, "plan.restored", by=by, now=now)


def follow(plan: Plan, version: PlanVersion, document: Document) -> None:
    """Make a version the one that runs start from, and copy what lists and incidents ask for. The plan is locked."""
    plan.published, plan.title, plan.owner = version, document.title, document.owner
    plan.review_by = document.review_by
    plan.suggested_by_incidents = document.suggested_for.model_dump(mode="json")
    plan.started_by_incidents = document.started_for.model_dump(mode="json")
    plan.save()


def may_review(version: PlanVersion, person: Person) -> bool:
    """Tell whether this person wrote nothing in the version and did not hand it in."""
    return not version.edits.filter(person=person).exists()


def _expect(version: PlanVersion, state: str, done: str) -> None:
    if version.state != state:
        now = version.get_state_display().lower()
        raise IllegalMove(f"Version {version.number} is {now} and can't be {done}.")


def _second_person(version: PlanVersion, person: Person) -> None:
    if not may_review(version, person):
        raise NotAllowed("You wrote in this version or handed it in. Somebody else has to look at it.")


def _sound(version: PlanVersion) -> Document:
    reading = read_among_plans(version.text)
    wrong = errors(reading.problems)
    if reading.document is None or wrong:
        first = f"line {wrong[0].line}: {wrong[0].sentence}"
        many = f"It has {len(wrong)} errors" if len(wrong) > 1 else "It has an error"
        raise IllegalMove(f"{many}. Mend what the editor shows first: {first}")
    return reading.document


def _judge(version: PlanVersion, person: Person, verdict: str, reason: str, now: datetime) -> None:
    Review.objects.create(version=version, person=person, verdict=verdict, reason=reason, digest=version.digest, at=now)


def _set_archived(plan_id: UUID | str, at: datetime | None, verb: str, *, by: Actor, now: datetime) -> Plan:
    plan = lock_plan(plan_id)
    if (plan.archived_at is None) == (at is None):
        return plan
    plan.archived_at = at
    plan.save(update_fields=["archived_at"])
    append(subject=plan.subject, verb=verb, by=by, now=now, payload={"key": plan.key})
    live.changed("plans", plan.subject)
    return plan
