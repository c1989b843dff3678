"""Keep every target at the folder's generation: each in a thread of its own, so that a slow one holds up no other."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from django.db import DatabaseError, connection
from django.db.models import Q

from engine import clock
from statuspage.models import Target
from statuspage.publishing.journal import import_journal
from statuspage.publishing.publish import folder, outgrow
from statuspage.publishing.targets.place import Trouble
from statuspage.publishing.targets.send import check, send
from statuspage.publishing.tree import Tree
from web import live

LEASE: Final = timedelta(seconds=30)
"""Renewed with every look while the thread works; a process that dies holds up its targets for so long at most."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=5)
CHECK_EVERY: Final = timedelta(minutes=10)
LONGEST_TROUBLE: Final = 300

log = structlog.get_logger(__name__)
_under_way: dict[int, threading.Thread] = {}


def tend(*, now: datetime) -> int:
    """Start a thread for each target that lacks the folder's generation or a check, and is not resting after a failure;
    return how many. It waits for none of them."""
    for pk, thread in list(_under_way.items()):
        if not thread.is_alive():
            del _under_way[pk]
    # Not one that has just been let go of, successful (null) as it may be.
    Target.objects.filter(pk__in=_under_way, next_try_at__isnull=False).update(next_try_at=now + LEASE)
    generation = folder().manifest().generation
    if not generation:
        return 0
    stale = Q(generation__lt=generation) | Q(checked_at=None) | Q(checked_at__lte=now - CHECK_EVERY)
    rested = Q(next_try_at=None) | Q(next_try_at__lte=now)
    started = 0
    for pk in (
        Target.objects.filter(stale, rested, enabled=True).exclude(pk__in=_under_way).values_list("pk", flat=True)
    ):
        if _claim(pk, now=now):
            thread = threading.Thread(target=_tend_one, args=(pk,), name=f"target-{pk}", daemon=True)
            _under_way[pk] = thread
            thread.start()
            started += 1
    return started


def settle(*, within_s: float) -> None:
    """Wait for the threads that were started here."""
    for thread in list(_under_way.values()):
        thread.join(within_s)


def bring(target_id: int, *, everything: bool = False) -> str:
    """Do a target's work here and now, and record how it went; return the sentence of its trouble, "" for none.

    It sends what differs, and compares every file there every ten minutes or when `everything` is asked for. Call it
    outside any transaction.
    """
    tree = folder()
    target = Target.objects.get(pk=target_id)
    manifest = tree.manifest()
    try:
        _take_words_over(target)
        if target.generation != manifest.generation:
            send(target, tree, manifest=manifest)
            _record_sent(target, manifest.generation)
        if everything or target.checked_at is None or clock.now() - target.checked_at >= CHECK_EVERY:
            check(target, tree, manifest=manifest)
            Target.objects.filter(pk=target.pk).update(checked_at=clock.now())
            live.changed("settings")
    except Trouble as trouble:
        return _record_failure(target, str(trouble))
    except Exception as error:  # a library's surprise costs this target a pause, and no other one anything
        log.exception("target_failed_unforeseen", target=target.name)
        return _record_failure(target, f"Unexpected: {type(error).__name__}.")
    Target.objects.filter(pk=target.pk).update(failing_since=None, trouble="", next_try_at=None)
    if target.failing_since:
        log.info("target_well_again", target=target.name)
    return ""


def _tend_one(target_id: int) -> None:
    try:
        bring(target_id)
    except Target.DoesNotExist:
        pass  # removed meanwhile
    except DatabaseError as error:
        log.warning("target_lost_database", target=target_id, error=str(error).strip())
    finally:
        connection.close()


def _claim(target_id: int, *, now: datetime) -> bool:
    """Take a target for this process; several engines may look at the same time."""
    rested = Q(next_try_at=None) | Q(next_try_at__lte=now)
    return bool(Target.objects.filter(rested, pk=target_id, enabled=True).update(next_try_at=now + LEASE))


def _take_words_over(target: Target) -> None:
    """Import what the emergency script published in a further folder; the next generation shows it everywhere."""
    if target.kind == Target.Kind.DIRECTORY and Path(str(target.settings.get("folder", ""))).is_absolute():
        there = Tree(Path(str(target.settings["folder"])))
        if there.waiting_words():
            import_journal(there, now=clock.now())
            outgrow(there.manifest().generation)


def _record_sent(target: Target, generation: int) -> None:
    target.generation = generation
    Target.objects.filter(pk=target.pk, generation__lt=generation).update(generation=generation, updated_at=clock.now())


def _record_failure(target: Target, sentence: str) -> str:
    """Rest for as long as it has been failing, between 5 seconds and 5 minutes."""
    now = clock.now()
    since = target.failing_since or now
    pause = min(max(now - since, FIRST_PAUSE), LONGEST_PAUSE)
    Target.objects.filter(pk=target.pk).update(
        failing_since=since, trouble=sentence[:LONGEST_TROUBLE], next_try_at=now + pause
    )
    log.warning("target_failed", target=target.name, trouble=sentence)
    live.changed("settings")
    return sentence
