"""Subscribers in from a file and out to one."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.transaction import TransactionManagementError

from ledger.actor import Actor
from ledger.operations.append import append
from statuspage.models import StatusPage, Subscriber
from statuspage.subscribers.csv_rows import COLUMNS, LIST_SEPARATOR, Row, read_rows
from statuspage.subscribers.sign_up import SECRET_BYTES
from web.formulas import guarded

AT_ONCE: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a file did. `left` ended their subscription themselves, and no file takes them back."""

    added: int
    changed: int
    left: int


def import_subscribers(*, page: StatusPage, content: bytes, by: Actor, now: datetime) -> Counts:
    """Add and change the subscribers that a file names, without asking them: whoever imports vouches for them.

    A file with a wrong line changes nothing (`UnfitFile`). Who ended their subscription stays away, who bounces stays
    in quarantine. Locks the known subscribers in the order of their ids.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A file is taken whole or not at all.")
    rows = read_rows(content, page=page)
    added = changed = left = 0
    for start in range(0, len(rows), AT_ONCE):
        new, known, away = _write(page, rows[start : start + AT_ONCE], now=now)
        added, changed, left = added + new, changed + known, left + away
    payload = {"added": added, "changed": changed, "left": left}
    append(subject=page.subject, verb="subscribers.imported", by=by, now=now, payload=dict(payload))
    return Counts(added=added, changed=changed, left=left)


def export_subscribers(page: StatusPage) -> Iterator[bytes]:
    """Yield a file of all subscribers of a page, in the columns of the import; no field is taken for a formula."""
    yield b"\xef\xbb\xbf" + _written([list(COLUMNS)])
    rows = Subscriber.objects.filter(page=page).defer("secret").prefetch_related("components").order_by("pk")
    group: list[list[str]] = []
    for each in rows.iterator(chunk_size=AT_ONCE):
        chosen = "" if each.all_components else LIST_SEPARATOR.join(sorted(c.pk for c in each.components.all()))
        confirmed = each.confirmed_at.isoformat() if each.confirmed_at else ""
        group.append(
            [
                *(each.channel, each.address, each.state, each.language, each.minimum_impact),
                *(chosen, each.contact, confirmed),
            ]
        )
        if len(group) == AT_ONCE:
            yield _written(group)
            group = []
    yield _written(group)


def _write(page: StatusPage, rows: Sequence[Row], *, now: datetime) -> tuple[int, int, int]:
    known = {
        (each.channel, each.address): each
        for each in Subscriber.objects.select_for_update(no_key=True)
        .filter(page=page, address__in=[row.address for row in rows])
        .order_by("pk")
    }
    fresh = [_made(page, row, now=now) for row in rows if (row.channel, row.address) not in known]
    Subscriber.objects.bulk_create(fresh, batch_size=500)
    away, changed = 0, []
    for row in rows:
        before = known.get((row.channel, row.address))
        if before is None:
            continue
        if before.state == Subscriber.State.ENDED:
            away += 1
            continue
        before.language, before.minimum_impact = row.language, row.minimum_impact
        before.all_components = row.components is None
        if before.state == Subscriber.State.PENDING and row.state == Subscriber.State.ACTIVE:
            before.state, before.confirmed_at = Subscriber.State.ACTIVE, now
        changed.append(before)
    fields = ["language", "minimum_impact", "all_components", "state", "confirmed_at"]
    Subscriber.objects.bulk_update(changed, fields, batch_size=500)
    _choose(rows, {(each.channel, each.address): each for each in (*fresh, *changed)})
    return len(fresh), len(changed), away


def _made(page: StatusPage, row: Row, *, now: datetime) -> Subscriber:
    ended, quarantined = row.state == Subscriber.State.ENDED, row.state == Subscriber.State.QUARANTINED
    return Subscriber(
        page=page,
        channel=row.channel,
        address=row.address,
        state=row.state,
        language=row.language,
        minimum_impact=row.minimum_impact,
        all_components=row.components is None,
        contact=row.contact,
        secret=secrets.token_urlsafe(SECRET_BYTES) if row.channel == Subscriber.Channel.WEBHOOK else "",
        confirmed_at=now if row.state == Subscriber.State.ACTIVE else None,
        ended_at=now if ended else None,
        quarantined_at=now if quarantined else None,
        asked_at=now,
        created_at=now,
    )


def _choose(rows: Sequence[Row], subscribers: dict[tuple[str, str], Subscriber]) -> None:
    links = Subscriber.components.through
    touched = {key: each for key, each in subscribers.items() if not each._state.adding}
    links.objects.filter(subscriber__in=[each.pk for each in touched.values()]).delete()
    links.objects.bulk_create(
        [
            links(subscriber_id=subscribers[row.channel, row.address].pk, component_id=component)
            for row in rows
            if (row.channel, row.address) in subscribers
            for component in row.components or ()
        ],
        batch_size=2_000,
    )


def _written(rows: Iterable[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([[guarded(field) for field in row] for row in rows])
    return buffer.getvalue().encode()
