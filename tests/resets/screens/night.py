"""A reset in the middle of its night, as its screens show it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from ledger.actor import Actor
from people.models import Person
from resets.backends.base import Miss
from resets.models import Exclusion, Host, Notice, Reset
from resets.notices.operations.draft_notice import draft_notice
from tests.resets.engine import memory
from tests.resets.engine.builders import NOW, ask, make_reset, work

BROKEN: Final = "w4u00003"


def spare(reset: Reset, login: str = "breakglass", *, by: Person | None = None) -> Exclusion:
    """Put an account on the list of those left alone."""
    return Exclusion.objects.create(
        reset=reset,
        system=reset.systems.all()[0],
        login=login,
        reason="The way in when all else is locked.",
        added_by=by,
        added_by_name=by.name if by else "Test",
    )


def draft(reset: Reset, *, by: Person) -> Notice:
    """Draft the customers' notice."""
    actor = Actor(kind="person", id=str(by.pk), name=by.name, via="web")
    with transaction.atomic():
        return draft_notice(reset=reset, by=actor, now=NOW)


def make_night(asked_by: Person, **more: Any) -> Reset:
    """Make a reset whose accounts are disabled but for one that fails, and whose lock waits for its second wave."""
    reset = make_reset(created_by=asked_by, gates_open=False, **more)
    memory.HELD.misses[BROKEN] = Miss(BROKEN, "no_such_home", "Its home directory is gone.")
    ask(reset, "disable", approved=True)
    work(now=NOW + timedelta(seconds=5))
    ask(reset, "lock", through=1)
    work(now=NOW + timedelta(seconds=40))
    Host.objects.update_or_create(
        system=reset.systems.all()[0], shard="web2", defaults={"failures": 5, "sentence": "web2 refuses connections."}
    )
    reset.refresh_from_db()
    return reset
