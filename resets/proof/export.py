"""What became of each account as a file: CSV or JSON lines, streamed, without any secret; its digest in the ledger."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final

from django.db import transaction

from ledger.actor import Actor
from resets.models import Reset
from resets.news import News
from resets.operations.locking import locked
from resets.proof.outcomes import Told, outcomes, phases_of
from web.formulas import guarded

FORMS: Final = ("csv", "jsonl")
AT_ONCE: Final = 1_000


def export(*, reset: Reset, form: str, by: Actor, clock: Callable[[], datetime]) -> Iterator[bytes]:
    """Yield the file in pieces, and record its digest on the reset's chain when all of it has been taken.

    The same state gives the same bytes. A file that somebody gives up half way is not recorded.
    """
    digest, size = sha256(), 0
    for piece in lines(reset, form=form):
        digest.update(piece)
        size += len(piece)
        yield piece
    with transaction.atomic():
        news = News(locked(reset), by=by, now=clock())
        news.say("reset.exported", {"form": form, "sha256": digest.hexdigest(), "bytes": size, "accounts": reset.count})
        news.publish()


def digest(reset: Reset, *, form: str) -> str:
    """Return the SHA-256 of the file as it would be now."""
    found = sha256()
    for piece in lines(reset, form=form):
        found.update(piece)
    return found.hexdigest()


def lines(reset: Reset, *, form: str) -> Iterator[bytes]:
    """Yield the file in pieces of a thousand accounts. `form` is "csv" (UTF-8 with a mark) or "jsonl"."""
    names = [phase.name for phase in phases_of(reset)]
    if form == "csv":
        yield "\ufeff".encode() + _csv([_head(names)])
    rows = outcomes(reset)
    while some := list(islice(rows, AT_ONCE)):
        yield _csv([_row(told, names) for told in some]) if form == "csv" else b"".join(map(_json, some))


def _head(names: list[str]) -> list[str]:
    each = [f"{name}{part}" for name in names for part in ("", "_at", "_code")]
    return ["system", "host", "login", "customer", "wave", *each, "returned_at", "returned_via"]


def _row(told: Told, names: list[str]) -> list[str]:
    account = told.account
    row = [told.system, account.shard, account.login, account.customer, str(account.wave)]
    for name in names:
        outcome = told.phases[name]
        row += [outcome.word, _moment(outcome.at), outcome.code]
    return [guarded(field) for field in [*row, _moment(told.returned_at), told.returned_via]]


def _csv(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()


def _json(told: Told) -> bytes:
    account = told.account
    row = {
        "system": told.system,
        "host": account.shard,
        "login": account.login,
        "customer": account.customer,
        "wave": account.wave,
        "phases": {
            name: {"outcome": outcome.word, "at": _moment(outcome.at) or None, "code": outcome.code or None}
            for name, outcome in told.phases.items()
        },
        "returned": {"at": _moment(told.returned_at), "via": told.returned_via} if told.returned_at else None,
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="milliseconds") if at else ""
