"""Lines of a file in a temporary table of the transaction, each checked on its way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import connection

from statuspage.customers.columns import Kind
from statuspage.customers.reading import Reading, UnreadableFile
from statuspage.customers.rows import Known, UnfitRow, customer_row, server_row
from statuspage.models import Component, Server

Progress = Callable[[int], None]
"""Called with the number of lines read so far."""
PROGRESS_EVERY: Final = 5_000

_CUSTOMERS: Final = """
DROP TABLE IF EXISTS given_row, touched_customer, given_server, wanted_link;
CREATE TEMP TABLE given_row (line integer, number text, name text, email text, language text, notify boolean,
    kind text, asset text, server bigint, components text[]) ON COMMIT DROP;
CREATE TEMP TABLE touched_customer (customer bigint) ON COMMIT DROP;
"""
_SERVERS: Final = """
DROP TABLE IF EXISTS given_row, touched_customer, given_server, wanted_link;
CREATE TEMP TABLE given_server (line integer, name text, components text[]) ON COMMIT DROP;
"""


def known_on(page_id: str) -> Known:
    """Return what lines may name on this page."""
    standing = list(Component.objects.filter(page=page_id, archived_at=None).values_list("pk", "name"))
    names: dict[str, str | None] = {}
    for pk, name in standing:
        names[name] = None if name in names else pk
    components = {**names, **{pk: pk for pk, _name in standing}}
    servers = dict(Server.objects.filter(page=page_id, archived_at=None).values_list("name", "pk"))
    return Known(servers=servers, components=components)


def stage(reading: Reading, known: Known, progress: Progress) -> int:
    """Put every line that can be used into the temporary table; return how many. Faults gather in `reading`."""
    customers = reading.layout.kind == Kind.CUSTOMERS
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS if customers else _SERVERS)
        with cursor.copy(f"COPY {'given_row' if customers else 'given_server'} FROM STDIN") as copy:
            # Nothing may be raised in here: it would break the transaction, and the faults could not be kept.
            count = _write_rows(reading, known, copy, progress)
        cursor.execute(f"ANALYZE {'given_row' if customers else 'given_server'}")
    return count


def _write_rows(reading: Reading, known: Known, copy: Any, progress: Progress) -> int:
    as_row = _customer if reading.layout.kind == Kind.CUSTOMERS else _server
    count = 0
    try:
        for row in reading.rows():
            count += 1
            if count % PROGRESS_EVERY == 0:
                progress(count)
            try:
                values = as_row(row.line, row.fields, known)
            except UnfitRow as error:
                reading.fault(row.line, str(error))
            else:
                copy.write_row(values)
    except UnreadableFile as error:
        reading.faults.append(error.fault)
    return count


def _customer(line: int, fields: dict[str, str], known: Known) -> tuple[object, ...]:
    row = customer_row(fields, known)
    return (
        *(line, row.number, row.name, row.email, row.language, row.notify, row.kind, row.asset),
        *(row.server, row.components),
    )


def _server(line: int, fields: dict[str, str], known: Known) -> tuple[object, ...]:
    row = server_row(fields, known)
    return line, row.name, row.components
