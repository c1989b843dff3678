"""Write many changed rows with one statement; Django's `bulk_update` spells out a case for each row and field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from eap.models import Run, RunStep
from web.secrets import encrypt

STEP_COLUMNS: Final[Mapping[str, str]] = {
    "title": "text",
    "state": "text",
    "role": "text",
    "person_id": "uuid",
    "line": "jsonb",
    "ready_at": "timestamptz",
    "due_at": "timestamptz",
    "started_at": "timestamptz",
    "ended_at": "timestamptz",
    "wake_at": "timestamptz",
    "call_at": "timestamptz",
    "remind_at": "timestamptz",
    "reminders": "smallint",
    "page_id": "uuid",
    "unanswered": "jsonb",
    "sentence": "text",
    "facts": "jsonb",
    "choice": "text",
    "preview": "jsonb",
    "link": "text",
    "bypassed": "boolean",
    "lets_pass": "boolean",
    "attempt_group": "integer",
    "gate": "integer",
    "stop_confirmed": "boolean",
}
RUN_COLUMNS: Final[Mapping[str, str]] = {
    "state": "text",
    "stop": "text",
    "stop_confirmed": "boolean",
    "undoing": "boolean",
    "on_failure": "text",
    "outcome": "text",
    "trouble": "text",
    "next_look_at": "timestamptz",
    "ended_at": "timestamptz",
    "inputs": "jsonb",
    "secret_inputs": "text",
    "inputs_revision": "integer",
    "inputs_given_by": "jsonb",
    "number_of_steps": "integer",
}


def state_of_run(run: Run) -> list[Any]:
    """Return what `save_runs` writes, to be compared later."""
    return [json.dumps(run.inputs, sort_keys=True) if c == "inputs" else getattr(run, c) for c in RUN_COLUMNS]


def save_steps(steps: Iterable[RunStep]) -> None:
    """Write every changeable column of these rows."""
    _save("eap_runstep", "bigint", STEP_COLUMNS, [_row(step, STEP_COLUMNS) for step in steps])


def save_runs(runs: Iterable[Run]) -> None:
    """Write every changeable column of these rows; secret inputs encrypted."""
    rows = [_row(run, RUN_COLUMNS) for run in runs]
    for row in rows:
        row["secret_inputs"] = encrypt(row["secret_inputs"]) if row["secret_inputs"] else ""
    _save("eap_run", "uuid", RUN_COLUMNS, rows)


def _row(row: Run | RunStep, columns: Mapping[str, str]) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in columns}}


def _save(table: str, key: str, columns: Mapping[str, str], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    assignments = ", ".join(f"{name} = fresh.{name}" for name in columns)
    shape = ", ".join(f"{name} {type_}" for name, type_ in {"id": key, **columns}.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS kept SET {assignments}"  # noqa: S608 - names of our own columns
            f" FROM jsonb_to_recordset(%s::jsonb) AS fresh ({shape}) WHERE kept.id = fresh.id",
            [json.dumps(rows, default=_plain)],
        )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{value!r} is no value of a column.")
