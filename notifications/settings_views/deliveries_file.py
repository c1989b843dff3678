"""Deliveries as a file: one line for each try, so that a spreadsheet counts what a provider was asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from notifications.models import Attempt, Delivery
from web.formulas import guarded

MOST: Final = 10_000
"""Deliveries in one file; narrow the search for others."""
HEAD: Final = (
    *("delivery", "kind", "person", "channel", "address", "state", "reason", "written", "sent", "arrived", "page"),
    *("try_at", "try_provider", "try_result", "try_code", "try_detail", "try_latency_ms"),
)


def lines(found: QuerySet[Delivery, Delivery]) -> Iterator[bytes]:
    """Yield the file (UTF-8 with a mark) in pieces, newest deliveries first; times are ISO 8601 in UTC.

    A message that was never tried has one line without a try. No spreadsheet takes a field for a formula.
    """
    yield "\ufeff".encode() + _csv([list(HEAD)])
    for delivery in found[:MOST].iterator(chunk_size=500):
        yield _csv(_rows(delivery))


def _rows(delivery: Delivery) -> list[list[str]]:
    common = [
        str(delivery.pk),
        delivery.kind,
        delivery.person.name,
        delivery.channel,
        delivery.address,
        delivery.state,
        delivery.reason,
        _moment(delivery.created_at),
        _moment(delivery.sent_at),
        _moment(delivery.delivered_at),
        str(delivery.page_id or ""),
    ]
    tries: list[Attempt | None] = [*delivery.attempts.all()] or [None]
    return [[guarded(field) for field in [*common, *_try(each)]] for each in tries]


def _try(attempt: Attempt | None) -> list[str]:
    if attempt is None:
        return [""] * 6
    latency = "" if attempt.latency_ms is None else str(attempt.latency_ms)
    return [_moment(attempt.at), attempt.provider, attempt.result, attempt.code, attempt.detail, latency]


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="milliseconds") if at else ""


def _csv(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()
