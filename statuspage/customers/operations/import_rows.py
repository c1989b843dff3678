"""Take in a file of customers or servers: whole, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from ledger.actor import Actor
from ledger.rules import JSON
from statuspage.customers.columns import Kind
from statuspage.customers.reading import Fault, Reading, UnreadableFile
from statuspage.customers.writing.checks import faults_together
from statuspage.customers.writing.customers import Counts, Given, touch_customers, write_assets, write_customers
from statuspage.customers.writing.removing import remove_missing
from statuspage.customers.writing.servers import archive_missing, write_servers
from statuspage.customers.writing.staging import Progress, known_on, stage
from statuspage.customers.writing.subscriptions import write_subscriptions
from statuspage.models import StatusPage
from statuspage.operations.recording import record_page
from web.errors import BadInput


class UnfitFile(BadInput):
    """Lines of the file can't be used; nothing was changed. `faults` holds the first 50, by line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        errors = {f"line {fault.line}": fault.sentence for fault in reversed(self.faults)}
        super().__init__("The file was not taken in, nothing is changed. Mend these lines.", errors=errors)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a file was and did: `counts` by what happened, such as `customers_new`; `rows` lines were read."""

    kind: Kind
    rows: int
    counts: Counts


def import_rows(
    *,
    file: IO[bytes],
    page: StatusPage,
    replace: bool,
    by: Actor,
    now: datetime,
    file_name: str = "",
    progress: Progress = lambda _count: None,
) -> Outcome:
    """Add and change what the file names; with `replace` also remove what it does not name. Twice is as once.

    Raises `UnfitFile` with every line at fault (up to 50). One import per page at a time: others wait. Takes the
    publisher's row and the ledger's head at the end.
    """
    outcome = _write(file, page=page, replace=replace, now=now, progress=progress)
    if any(outcome.counts.values()):
        counts: dict[str, JSON] = dict(outcome.counts)
        payload: dict[str, JSON] = {"file": file_name, "rows": outcome.rows, "replace": replace, "counts": counts}
        record_page(page, f"status.{outcome.kind.value}_imported", by=by, now=now, payload=payload)
    return outcome


def preview_rows(
    *, file: IO[bytes], page: StatusPage, replace: bool, now: datetime, progress: Progress = lambda _count: None
) -> Outcome:
    """Return what `import_rows` would do, by doing it and taking it back. Raises `UnfitFile`."""
    with transaction.atomic():
        outcome = _write(file, page=page, replace=replace, now=now, progress=progress)
        transaction.set_rollback(True)
    return outcome


def _write(file: IO[bytes], *, page: StatusPage, replace: bool, now: datetime, progress: Progress) -> Outcome:
    if not connection.in_atomic_block:
        raise TransactionManagementError("A file is taken in whole or not at all: inside one transaction.")
    _one_at_a_time(page)
    try:
        reading = Reading(file)
    except UnreadableFile as error:
        raise UnfitFile([error.fault]) from None
    layout = reading.layout
    rows = stage(reading, known_on(page.pk), progress)
    faults = reading.faults or faults_together(
        layout.kind, page_id=page.pk, has_email=layout.has("email"), replace=replace
    )
    if faults:
        raise UnfitFile(sorted(faults, key=lambda fault: fault.line))
    given = Given(page_id=page.pk, language=page.language, layout=layout, now=now)
    write = _write_customers if layout.kind == Kind.CUSTOMERS else _write_servers
    return Outcome(kind=layout.kind, rows=rows, counts=write(given, replace=replace))


def _write_customers(given: Given, *, replace: bool) -> Counts:
    counts = {**write_customers(given), **write_assets(given)}
    if replace:
        counts |= remove_missing(given)
    counts |= write_subscriptions(given)
    touch_customers(given)
    return counts


def _write_servers(given: Given, *, replace: bool) -> Counts:
    counts = write_servers(given)
    if replace:
        counts |= archive_missing(given)
    return counts


def _one_at_a_time(page: StatusPage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"customers of {page.pk}"])
