"""What the fault tests have the product do with resets; run inside it, by `bin/manage shell`."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from eap.models import Secret
from engine import clock
from ledger.actor import Actor
from resets.models import Phase, Reset, System
from resets.operations.abort import abort as abort_reset
from resets.operations.create import create
from resets.operations.freeze import freeze
from resets.operations.release import release
from resets.operations.resume import resume as resume_reset

BY = Actor.system("Fault", via="cli")
PATIENCE_S = 240.0


def load(given: str) -> None:
    """Add systems and a frozen reset over each group of them. `given` is JSON: the `password` of the customers'
    database, `systems` (settings by key), and by mode the keys of the systems of each reset."""
    read = json.loads(given)
    now = clock.now()
    Secret.objects.create(
        name="customers", kind=Secret.Kind.STORED, value=read["password"], changed_by_name="Fault", changed_at=now
    )
    for key, settings in read["systems"].items():
        System.objects.create(key=key, name=key.capitalize(), kind="sql", settings=settings)
    for mode in Reset.Mode.values:
        for keys in read[mode]:
            _make(keys, mode=mode)


def _make(keys: list[str], *, mode: str) -> None:
    """Create a reset over these systems, called as they are, and freeze it."""
    now = clock.now()
    with transaction.atomic():
        reset = create(
            title=" ".join(keys),
            cutoff=now - timedelta(days=1),
            systems=list(System.objects.filter(key__in=keys)),
            mode=mode,
            gates_open=True,
            by=BY,
            now=now,
        )
    freeze(reset_id=reset.pk, by=BY, clock=clock.now)


def drive(title: str, *phases: str) -> None:
    """Bring a reset through these phases, one after the other."""
    for name in phases:
        with transaction.atomic():
            phase = release(reset=_reset(title), phase=name, through=4, by=BY, now=clock.now())
        until = time.monotonic() + PATIENCE_S
        while Phase.objects.get(pk=phase.pk).state != Phase.State.DONE:
            if time.monotonic() > until:
                raise SystemExit(f"{name} did not end.")
            time.sleep(0.1)


def abort(title: str) -> None:
    """Abort."""
    with transaction.atomic():
        abort_reset(reset=_reset(title), by=BY, now=clock.now(), reason="The fault tests.")


def resume(title: str) -> None:
    """Go on."""
    with transaction.atomic():
        resume_reset(reset=_reset(title), by=BY, now=clock.now())


def export(title: str, path: str) -> None:
    """Write both exports of a reset into a file."""
    from resets.proof.export import export as pieces

    with Path(path).open("wb") as file:
        for form in ("csv", "jsonl"):
            for piece in pieces(reset=_reset(title), form=form, by=BY, clock=clock.now):
                file.write(piece)


def _reset(title: str) -> Any:
    return Reset.objects.get(title=title)
