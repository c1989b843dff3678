"""Begin a reset: what it covers, how it goes about it, how much may fail."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max
from django.db.transaction import TransactionManagementError
from pydantic import ValidationError

from eap.format.document import Limits
from eap.models import Run
from ledger.actor import Actor
from people.models import Person
from resets.models import Reset, System
from resets.news import News
from resets.rules.canary import MOST
from resets.scope.selection import read_selection
from web.errors import BadInput

GENERATIONS_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
_GENERATION_LOCK: Final = 7_305_240_911
_SLACK: Final = timedelta(minutes=1)


def create(
    *,
    title: str,
    cutoff: datetime,
    systems: Sequence[System],
    by: Actor,
    now: datetime,
    selection: Mapping[str, Any] | None = None,
    mode: str = Reset.Mode.SELF_SET,
    limits: Mapping[str, Any] | None = None,
    gates_open: bool = False,
    rate: int | None = None,
    seal_key: str = "",
    run: Run | None = None,
    drill: bool = False,
    wished_by: Person | None = None,
) -> Reset:
    """Make a reset in draft and return it; nothing is looked up and nothing changed on any system.

    `limits`: {"wave": {"failures", "percent"}, "total": {…}}. `seal_key`: an X25519 public key in Base64; without one
    nothing can be sealed. `gates_open`: all waves were approved beforehand. `wished_by` is behind a machine that asks
    (who started a plan), and so opens no gate. Raises `BadInput` with a sentence per field. Locks nothing but the
    numbering of generations.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A reset is made inside a transaction.")
    limits = limits or {}
    errors = _wrong(title, cutoff, systems, mode, drill=drill, now=now)
    errors |= _wrong_figures(limits, rate, seal_key)
    asked = read_selection(selection)
    if len(asked.canary) > MOST * max(1, len(systems)):
        errors["selection.canary"] = f"At most {MOST} accounts of each system go first: nobody opens a gate for them."
    if errors:
        raise BadInput("The reset was not made. " + " ".join(errors.values()), errors=errors)
    reset = Reset.objects.create(
        title=title.strip(),
        run=run,
        mode=mode,
        drill=drill,
        cutoff=cutoff,
        selection=asked.model_dump(mode="json"),
        generation=_next_generation(now),
        gates_open=gates_open,
        wave_limit=dict(limits.get("wave", {})),
        total_limit=dict(limits.get("total", {})),
        rate=rate,
        seal_key=seal_key.strip(),
        created_by=Person.objects.filter(pk=by.id).first() if by.kind == "person" else wished_by,
        created_by_name=by.name[:100],
        created_at=now,
    )
    reset.systems.set(systems)
    news = News(reset, by=by, now=now)
    news.say(
        "reset.created",
        {
            "cutoff": cutoff.isoformat(),
            "systems": sorted(system.key for system in systems),
            "mode": mode,
            "generation": reset.generation,
            "gates_open": gates_open,
            "run": str(run.pk) if run else None,
        },
    )
    news.publish()
    return reset


def _next_generation(now: datetime) -> int:
    """Return a number larger than that of every reset before.

    Systems remember the generation of what was done to an account. Counting minutes rather than resets, it also exceeds
    those of an installation that was rebuilt or restored from a backup.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_GENERATION_LOCK])
    last: int = Reset.objects.aggregate(last=Max("generation"))["last"] or 0
    return max(last + 1, int((now - GENERATIONS_FROM).total_seconds() // 60))


def _wrong(
    title: str, cutoff: datetime, systems: Sequence[System], mode: str, *, drill: bool, now: datetime
) -> dict[str, str]:
    errors = {}
    if not 1 <= len(title.strip()) <= 200:
        errors["title"] = "Give it a title of at most 200 characters."
    if cutoff > now + _SLACK:
        errors["cutoff"] = "The cutoff lies in the future; passwords set after the intrusion are not stolen."
    if not systems:
        errors["systems"] = "Choose the systems whose accounts are covered."
    elif gone := [system.name for system in systems if system.archived_at]:
        errors["systems"] = f"{', '.join(gone)} is archived."
    elif drill and (real := [system.name for system in systems if not system.drill]):
        errors["systems"] = f"In a drill only systems marked for drills are touched; {', '.join(real)} is not."
    if mode not in Reset.Mode.values:
        errors["mode"] = f"Choose one of {', '.join(Reset.Mode.values)}."
    return errors


def _wrong_figures(limits: Mapping[str, Any], rate: int | None, seal_key: str) -> dict[str, str]:
    errors = {}
    for name in limits:
        try:
            Limits.model_validate(limits[name] if name in ("wave", "total") else None)
        except ValidationError:
            errors[f"limits.{name}"] = "A limit is a number of failures, a percentage, or both, for wave and total."
    if rate is not None and rate < 1:
        errors["rate"] = "At least one account per second."
    try:
        right = not seal_key.strip() or len(base64.b64decode(seal_key.strip(), validate=True)) == 32
    except (binascii.Error, ValueError):
        right = False
    if not right:
        errors["seal_key"] = "The public key is 32 bytes in Base64 (44 characters)."
    return errors
