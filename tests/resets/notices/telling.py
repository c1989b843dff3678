"""Resets whose customers have addresses, and notices about them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from engine.duties import run_once
from people.actors import actor_for
from people.models import Person
from resets.models import Account, Notice, NoticeLetter, Reset, System
from resets.notices.operations.approve_notice import approve_notice
from resets.notices.operations.draft_notice import draft_notice
from resets.notices.operations.send_notice import DUTY, send_notice
from resets.notices.pacing import Rates
from resets.notices.sending import send_batch
from resets.notices.texts import digest_of
from resets.notices.writing import open_notices
from tests.builders import NOW, make_person

_numbers = itertools.count(1)
QUICK = Rates(start=1_000, most=1_000, double_every_s=60, domain=1_000)


def make_reset(accounts: Sequence[dict[str, Any]], **more: Any) -> Reset:
    """Make a running reset with these accounts, in their order; each names a login, most an e-mail address."""
    number = next(_numbers)
    system = System.objects.create(key=f"ftp-{number}", name="FTP", kind="memory", drill=bool(more.get("drill")))
    reset = Reset.objects.create(
        title=f"Reset {number}",
        state=more.pop("state", Reset.State.RUNNING),
        cutoff=NOW - timedelta(days=1),
        generation=5_000 + number,
        count=len(accounts),
        frozen_at=NOW,
        created_by_name="Sid",
        created_at=NOW,
        **more,
    )
    reset.systems.set([system])
    Account.objects.bulk_create(
        Account(**{"reset": reset, "system": system, "position": position, "wave": 4, **account})
        for position, account in enumerate(accounts)
    )
    return reset


def draft(reset: Reset, *, writer: Person | None = None, **more: Any) -> Notice:
    """Write a notice."""
    by = actor_for(writer or make_person("Cam"), via="web")
    with transaction.atomic():
        return draft_notice(**{"reset": reset, "by": by, "now": NOW, "rates": QUICK, **more})


def approve(notice: Notice, *, person: Person | None = None) -> Notice:
    """Approve what it says."""
    person = person or make_person("Vera")
    with transaction.atomic():
        digest = digest_of(notice.texts, language=notice.language)
        return approve_notice(notice=notice, digest=digest, person=person, by=actor_for(person, via="web"), now=NOW)


def send(notice: Notice, *, through: int = 4, now: Any = NOW) -> Notice:
    """Send it through a wave."""
    with transaction.atomic():
        return send_notice(notice=notice, through=through, by=actor_for(make_person("Cam"), via="web"), now=now)


def approved(reset: Reset, **more: Any) -> Notice:
    """Return a notice that somebody else approved."""
    return approve(draft(reset, **more))


def move(now: Any = NOW) -> None:
    """Do what the engine does, and what a worker does when it is handed a round."""
    run_once(DUTY, now=now)
    for notice_id in open_notices():
        while send_batch(notice_id, now=now):
            pass
    run_once(DUTY, now=now)


def states(notice: Notice) -> dict[str, str]:
    """Return the state of each letter by its address."""
    return dict(NoticeLetter.objects.filter(notice=notice).values_list("address", "state"))
