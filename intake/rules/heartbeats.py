"""When a job must report, when it is late, and what its reports make of it; pure.

Cron expressions mean what they mean to Debian's cron: a job at a time of day that the clocks skip is expected right
after the skip, one at a time of day that comes twice is expected once; jobs of every hour or minute go by real time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

Signal = Literal["start", "success", "fail"]
State = Literal["new", "up", "started", "late", "failed", "paused"]
FIELDS: Final = 5
LONGEST_CRON: Final = 100
SHORTEST_REMINDER: Final = timedelta(hours=1)
_REFERENCE: Final = datetime(2024, 1, 1, tzinfo=UTC)
_FIELD_NAMES: Final = {
    "minute": "minute",
    "hour": "hour",
    "day-of-month": "day of the month",
    "month": "month",
    "day-of-week": "weekday",
}


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a job must report: every `period_s` seconds, or by `cron` (five fields) on the clocks of `time_zone`."""

    period_s: int | None = None
    cron: str = ""
    time_zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is waited for: when it is expected, and when it is late. `overrun`: the end of a run, not a report."""

    expected_at: datetime
    late_at: datetime
    overrun: bool = False


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a job stands: its state, and since when which run is on."""

    state: State
    started_at: datetime | None = None
    run_id: str = ""


def next_expected(last: datetime, schedule: Schedule) -> datetime | None:
    """Return when the first report after `last` is expected, in UTC; None when its cron expression comes no more."""
    if schedule.period_s is not None:
        return last + timedelta(seconds=schedule.period_s)
    try:
        times = CronSim(schedule.cron, last.astimezone(ZoneInfo(schedule.time_zone)))
        # Begun within a doubled hour, the reader may give a time of its first half again.
        return next(found for each in times if (found := each.astimezone(UTC)) > last)
    except (StopIteration, OverflowError):
        return None


def late_at(last: datetime, schedule: Schedule, grace: timedelta) -> datetime | None:
    """Return when a job that reported at `last` is late unless it reports again."""
    expected = next_expected(last, schedule)
    return expected + grace if expected is not None else None


def due(
    *,
    last: datetime,
    schedule: Schedule,
    grace: timedelta,
    started_at: datetime | None = None,
    longest_run: timedelta | None = None,
) -> Due | None:
    """Return what is waited for since `last`: the last success, or later the moment since which the schedule counts.

    A run that has started and may take `longest_run` is waited for that long instead: its start was the report. Without
    such a limit a start is only measured, and the end must come in time.
    """
    if started_at is not None and longest_run is not None:
        ends = started_at + longest_run
        return Due(expected_at=ends, late_at=ends, overrun=True)
    expected = next_expected(last, schedule)
    return Due(expected_at=expected, late_at=expected + grace) if expected is not None else None


def stand_after(signal: Signal, was: Standing, *, run_id: str, now: datetime) -> Standing:
    """Return how a job stands after it reported `signal`.

    A start mends nothing: what is late or failed stays so until a success. A report of another run than the one that is
    on leaves that one running. Paused stays paused.
    """
    if signal == "start":
        state: State = "started" if was.state in ("new", "up", "started") else was.state
        return Standing(state=state, started_at=now, run_id=run_id)
    of_another = was.started_at is not None and bool(run_id and was.run_id) and run_id != was.run_id
    started_at, still = (was.started_at, was.run_id) if of_another else (None, "")
    if was.state == "paused":
        state = "paused"
    elif signal == "fail":
        state = "failed"
    else:
        state = "started" if of_another else "up"
    return Standing(state=state, started_at=started_at, run_id=still)


def state_anew(*, last_success_at: datetime | None) -> State:
    """Return how a job stands whose schedule begins anew: resumed, or its schedule was changed."""
    return "up" if last_success_at is not None else "new"


def remind_at(now: datetime, schedule: Schedule, grace: timedelta) -> datetime:
    """Return when people hear again of a job that is late at `now`: as it misses the next report, at most each hour."""
    missed_next = late_at(now, schedule, grace)
    return max(missed_next, now + SHORTEST_REMINDER) if missed_next is not None else now + SHORTEST_REMINDER


def cron_fault(cron: str) -> str:
    """Return in a sentence what is wrong with a cron expression; "" when it can be followed."""
    if len(cron) > LONGEST_CRON:
        return f"A cron expression has at most {LONGEST_CRON} characters."
    if len(cron.split()) != FIELDS:
        return "A cron expression has five fields: minute, hour, day of the month, month, weekday."
    try:
        next(CronSim(cron, _REFERENCE))
    except CronSimError as error:
        field = _FIELD_NAMES.get(str(error).removeprefix("Bad "), "expression")
        return f"The {field} of this cron expression can't be followed."
    except StopIteration:
        return "This cron expression never comes."
    return ""


def upcoming(schedule: Schedule, *, after: datetime, count: int) -> list[datetime]:
    """Return the next `count` expected times, as a reader wants to see them before trusting an expression."""
    found: list[datetime] = []
    while len(found) < count:
        moment = next_expected(found[-1] if found else after, schedule)
        if moment is None:
            break
        found.append(moment)
    return found
