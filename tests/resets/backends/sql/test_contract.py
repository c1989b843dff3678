"""Every promise of a backend, on PostgreSQL, MariaDB and SQLite."""

from __future__ import annotations

from tests.resets.backends.contract import BackendContract


class TestSqlUsers(BackendContract):
    """`system` is each of the three in turn."""
