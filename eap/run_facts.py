"""What an ended run teaches about its plan, as notes for the next version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from statistics import median
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eap.documents import Pinned, described
from eap.models import Run, RunStep
from eap.run_queries import step_times
from eap.run_screen import in_words, waiting_by_role

MOST_STEPS: Final = 60
LONGEST_SENTENCE: Final = 300
MOST_LINES: Final = 61


def facts_of(run: Run, steps: Sequence[RunStep], document: Pinned, *, now: datetime) -> str:
    """Return the facts of an ended run in Markdown: its outcome, late steps, planned and real times, what failed or was
    left out and why, who was waited for. Times are from the moment a step was free to begin until it ended.

    Everybody who reads plans reads these notes. Of a private incident's run they hold the plan's own words and numbers
    alone: no filled-in titles, no reasons, no incident.
    """
    told = not (run.incident is not None and run.incident.private)
    parts = [
        _opening(run, document, told=told),
        _listed(_("Later than planned"), _late(steps, document, told=told)),
        _listed(_("Failed, left out or unknown"), _otherwise(steps, document, told=told)),
        _listed(_("Planned and real"), _times(run, steps, document, told=told)),
        _listed(_("Waited for"), [f"{role}: {text}" for role, text in waiting_by_role(steps, document, now=now)]),
    ]
    return "\n\n".join(part for part in parts if part)


def _opening(run: Run, document: Pinned, *, told: bool) -> str:
    kind = _("Drill") if run.drill else _("Run")
    took = in_words((run.ended_at - run.started_at).total_seconds()) if run.ended_at else "?"
    line = _("{kind} of version {number} on {day}: {state} after {took}.").format(
        kind=kind,
        number=document.number,
        day=f"{run.started_at:%Y-%m-%d}",
        state=str(run.get_state_display()).lower(),
        took=took,
    )
    if not told:
        return line
    incident = _(" For incident {number}.").format(number=run.incident.number) if run.incident else ""
    outcome = f" {_in_one_line(run.outcome)}" if run.outcome else ""
    return f"{line}{incident}{outcome}\n\n/runs/{run.pk}/"


def _late(steps: Sequence[RunStep], document: Pinned, *, told: bool) -> Iterator[str]:
    for step in steps:
        real = _real(step)
        if real is not None and step.planned_s and real > step.planned_s:
            late = in_words(real - step.planned_s)
            yield _("{title}: {late} late").format(title=_title(step, document, told=told), late=late)


def _otherwise(steps: Sequence[RunStep], document: Pinned, *, told: bool) -> Iterator[str]:
    for step in steps:
        added = step.added is not None
        if step.bypassed or (step.state not in ("failed", "skipped", "unknown", "cancelled") and not added):
            continue
        state = _("added while it ran") if added else str(RunStep.State(step.state).label).lower()
        why = f": {_in_one_line(step.sentence)}" if told and step.sentence else ""
        yield f"{_title(step, document, told=told)} ({state}){why}"


def _times(run: Run, steps: Sequence[RunStep], document: Pinned, *, told: bool) -> Iterator[str]:
    usual = step_times(run.plan_id, drill=run.drill)
    timed = [(step, real) for step in steps if (real := _real(step)) is not None and (step.planned_s or real >= 1)]
    for step, real in timed[:MOST_STEPS]:
        planned = in_words(step.planned_s) if step.planned_s else _("no time")
        line = _("{title}: planned {planned}, real {real}").format(
            title=_title(step, document, told=told), planned=planned, real=in_words(real)
        )
        took = usual.get(step.key, {}).get("took_s", [])
        yield line + _usually(took) if len(took) > 1 else line
    if (left := len(timed) - MOST_STEPS) > 0:
        yield ngettext("{left} more step", "{left} more steps", left).format(left=left)


def _usually(took: list[float]) -> str:
    return _(" (half of the last {count} took no more than {time} of work)").format(
        count=len(took), time=in_words(median(took))
    )


def _real(step: RunStep) -> float | None:
    """Return the seconds from when a step could begin until it ended; None for one that never began or never ended."""
    if step.bypassed or step.started_at is None or step.ended_at is None:
        return None
    return (step.ended_at - (step.ready_at or step.started_at)).total_seconds()


def _title(step: RunStep, document: Pinned, *, told: bool) -> str:
    if told:
        return step.title
    return _("a step that was added") if step.added is not None else described(step, document).title


def _listed(title: str, lines: Iterable[str]) -> str:
    found = list(lines)[:MOST_LINES]
    return "\n".join([f"**{title}**", "", *(f"- {line}" for line in found)]) if found else ""


def _in_one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_SENTENCE]
