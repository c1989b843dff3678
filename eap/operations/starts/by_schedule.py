"""Run plans again and again: the schedule, and its changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfoNotFoundError

import structlog
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from eap.models import Plan, RunSchedule
from eap.operations.runs.start_run import start_run
from eap.operations.starts.kept_inputs import check_kept
from eap.rules.recurrence import Recurrence, next_after
from ledger.actor import Actor
from ledger.operations.append import append
from ledger.rules import JSON
from people.models import Person
from web.errors import BadInput, Refusal

MISSED: Final = timedelta(days=1)
BATCH: Final = 20

log = structlog.get_logger(__name__)


def start_scheduled(*, now: datetime) -> int:
    """Start what is due by schedule, once each, and set when it comes next; return how many were looked at.

    What was missed for more than a day, because nothing ran, is not made up for. What can't start says so on its row.
    """
    with transaction.atomic():
        rows = RunSchedule.objects.filter(next_at__lte=now).select_for_update(
            no_key=True, skip_locked=True, of=("self",)
        )
        due = list(rows.select_related("plan__published__plan", "created_by").order_by("next_at")[:BATCH])
        for schedule in due:
            _start(schedule, now=now)
    return len(due)


def _start(schedule: RunSchedule, *, now: datetime) -> None:
    assert schedule.next_at is not None  # noqa: S101  (only those that are due are looked at)
    missed = now - schedule.next_at > MISSED
    schedule.next_at, schedule.trouble = next_after(recurrence_of(schedule), now), ""
    version = schedule.plan.published
    if missed:
        schedule.trouble = "The last time was missed by more than a day and is not made up for."
    elif version is None:
        schedule.trouble = "The plan has no published version."
    else:
        by = Actor(kind="rule", id=f"schedule:{schedule.pk}", name="Schedule", via="rule")
        try:
            with transaction.atomic():
                schedule.last_run = start_run(
                    version=version,
                    inputs=schedule.inputs,
                    drill=schedule.drill,
                    via="schedule",
                    informant=schedule.created_by,
                    by=by,
                    now=now,
                )
        except Refusal as refusal:
            schedule.trouble = refusal.sentence[:300]
            log.warning("scheduled_run_not_started", plan=schedule.plan.key, why=refusal.sentence)
    schedule.save(update_fields=["next_at", "last_run", "trouble"])


def recurrence_of(schedule: RunSchedule) -> Recurrence:
    """Return a schedule as the rules know it."""
    return Recurrence(
        every=cast('Literal["day", "week", "month"]', schedule.every),
        at=schedule.at,
        time_zone=schedule.time_zone,
        weekday=schedule.weekday,
        day=schedule.day,
    )


def save_schedule(
    *,
    plan: Plan,
    every: str,
    at: time,
    by: Actor,
    now: datetime,
    weekday: int | None = None,
    day: int | None = None,
    time_zone: str = "UTC",
    drill: bool = True,
    inputs: Mapping[str, Any] | None = None,
    schedule: RunSchedule | None = None,
) -> RunSchedule:
    """Make or change (`schedule`) when a plan is run, and return it. Secret inputs can't be kept in a schedule.

    Raises `BadInput` with a sentence per field. Locks nothing but the ledger's head.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A schedule is changed inside a transaction.")
    _check(every=every, weekday=weekday, day=day)
    row = schedule or RunSchedule(plan=plan)
    row.every, row.at, row.weekday, row.day, row.time_zone = every, at, weekday, day, time_zone
    row.drill, row.inputs = drill, dict(inputs or {})
    row.created_by = Person.objects.filter(pk=by.id).first() if by.kind == "person" else None
    try:
        row.next_at = next_after(recurrence_of(row), now)
    except (ZoneInfoNotFoundError, ValueError):
        sentence = "Choose a time zone such as Europe/Stockholm."
        raise BadInput(sentence, errors={"time_zone": sentence}) from None
    if plan.published is not None:
        check_kept(plan.published, row.inputs, now=now)
    row.trouble = ""
    row.save()
    payload: dict[str, JSON] = {
        "plan": plan.key,
        "every": every,
        "at": at.isoformat("minutes"),
        "zone": time_zone,
        "drill": drill,
    }
    append(subject=plan.subject, verb="plan.schedule_saved", by=by, now=now, payload=payload)
    return row


def switch_off_schedule(*, schedule: RunSchedule, by: Actor, now: datetime) -> None:
    """Start nothing by this schedule any more. Switched off already, nothing changes."""
    if RunSchedule.objects.filter(pk=schedule.pk, next_at__isnull=False).update(next_at=None):
        append(subject=schedule.plan.subject, verb="plan.schedule_off", by=by, now=now, payload={"id": schedule.pk})


def remove_schedule(*, schedule: RunSchedule, by: Actor, now: datetime) -> None:
    """Forget a schedule; the runs that it started stay."""
    payload: dict[str, JSON] = {"id": schedule.pk, "every": schedule.every}
    if RunSchedule.objects.filter(pk=schedule.pk).delete()[0]:
        append(subject=schedule.plan.subject, verb="plan.schedule_removed", by=by, now=now, payload=payload)


def _check(*, every: str, weekday: int | None, day: int | None) -> None:
    errors = {}
    if every not in RunSchedule.Every.values:
        errors["every"] = f"Choose one of {', '.join(RunSchedule.Every.values)}."
    if (every == "week") != (weekday is not None) or (weekday is not None and not 0 <= weekday <= 6):
        errors["weekday"] = "A weekly run has a weekday, 0 (Monday) to 6; others have none."
    if (every == "month") != (day is not None) or (day is not None and not 1 <= day <= 31):
        errors["day"] = "A monthly run has a day, 1 to 31; others have none."
    if errors:
        raise BadInput(" ".join(errors.values()), errors=errors)
