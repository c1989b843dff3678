"""What the database believes about the chunks' table."""

from __future__ import annotations

from django.db import connection


def count_chunks() -> None:
    """Have the database count the chunks anew: milliseconds, outside any transaction.

    Between two phases nothing is due. Counted then, as autovacuum likes to, the table's partial indexes look free of
    charge, and each claim reads all that is due instead of the next row: 150 ms in place of one.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE resets_chunk")
