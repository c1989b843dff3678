"""Publish: take over what the emergency script said, render, swap in. One process at a time, in generations."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from engine import wake
from ledger.actor import Actor
from ledger.rules import JSON
from statuspage.models import Publisher
from statuspage.operations.recording import record_settings
from statuspage.operations.request_publication import DUTY
from statuspage.publishing import sources
from statuspage.publishing.build import build
from statuspage.publishing.emergency import keep_script
from statuspage.publishing.journal import import_journal
from statuspage.publishing.manifest import Manifest
from statuspage.publishing.tree import Superseded, Tree
from web.errors import IllegalMove

FRESH_FOR: Final = timedelta(seconds=55)
"""Every file's `generated_at` is at most a minute old: this, a second's look, and the rendering."""
TARGETS: Final = "status_targets"

log = structlog.get_logger(__name__)


def folder() -> Tree:
    """Return the published folder of this host."""
    return Tree(Path(settings.STATUS_PUBLISH_DIR))


def is_due(tree: Tree, *, now: datetime) -> bool:
    """Tell whether this host's folder lacks something that is wanted, is too old, or has words waiting for import."""
    held = tree.manifest()
    if tree.waiting_words() or held.shows < _wanted():
        return True
    return not held.held and (sources.unfinished() or is_stale(held.generated_at, now=now))


def is_stale(generated_at: datetime, *, now: datetime) -> bool:
    """Tell whether files are too old, or from a time to come because the clock was put back."""
    return abs(now - generated_at) >= FRESH_FOR


def publish(*, now: datetime, afresh: bool = False) -> Manifest | None:
    """Render what is true at `now` and make it what readers find; return the generation.

    None when another process is at it. First takes over what was published by the emergency script. Call it outside any
    transaction: it renders for as long as it takes, and holds no lock but the folder's, for the swap. With `afresh`
    every file is made anew.
    """
    tree = folder()
    started = time.monotonic()
    with tree.rendering() as alone:
        if not alone:
            return None
        import_journal(tree, now=now)
        generation, wanted = _next(tree)
        new = build(tree, generation=generation, shows=wanted, now=now, afresh=afresh)
        keep_script(tree)
        try:
            tree.swap(new)
        except Superseded as reason:
            log.warning("publication_superseded", generation=generation, reason=str(reason))
            return None
    _record(new, now=now)
    log.info("published", generation=generation, files=len(new.files), s=round(time.monotonic() - started, 2))
    return new


def put_back(number: int, *, by: Actor, now: datetime) -> Manifest:
    """Make the files of the kept generation `number` what readers find, under a new, higher number.

    It stays until something new is wanted or somebody publishes by hand. Raises IllegalMove when that generation is not
    kept, or another process is publishing.
    """
    tree = folder()
    with tree.rendering() as alone:
        if not alone:
            raise IllegalMove("Another process is publishing; try again in a few seconds.")
        import_journal(tree, now=now)
        kept = {manifest.generation: manifest for manifest in tree.kept()}
        if number not in kept:
            raise IllegalMove(f"Generation {number} is not kept. There are: {', '.join(map(str, kept)) or 'none'}.")
        generation, wanted = _next(tree)
        new = replace(kept[number], generation=generation, shows=wanted, held=True)
        try:
            tree.swap(new)
        except Superseded as reason:
            raise IllegalMove(str(reason)) from reason
    _record(new, now=now)
    with transaction.atomic():
        payload: dict[str, JSON] = {"generation": generation, "files_of": number}
        record_settings("status.generation_put_back", by=by, now=now, payload=payload)
    log.warning("generation_put_back", generation=generation, files_of=number)
    return new


def outgrow(generation: int) -> None:
    """Let the next generation be higher than `generation`, which a copy elsewhere holds."""
    Publisher.objects.get_or_create(pk=1)
    Publisher.objects.filter(pk=1).update(generation=Greatest(F("generation"), generation))
    wake.wake(DUTY)


def _wanted() -> int:
    return Publisher.objects.filter(pk=1).values_list("wanted", flat=True).first() or 0


def _next(tree: Tree) -> tuple[int, int]:
    """Return a generation's number, higher than any before on any host, and the count of changes that it will show."""
    Publisher.objects.get_or_create(pk=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE statuspage_publisher SET generation = greatest(generation, %s) + 1 WHERE id = 1"
            " RETURNING generation, wanted",
            [tree.manifest().generation],
        )
        number, wanted = cursor.fetchone()
    return number, wanted


def _record(new: Manifest, *, now: datetime) -> None:
    Publisher.objects.filter(pk=1).update(published=Greatest(F("published"), new.shows), published_at=now)
    wake.wake(TARGETS)
