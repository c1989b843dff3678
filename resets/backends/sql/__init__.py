"""Accounts in a table of PostgreSQL, MariaDB, MySQL or SQLite, as ProFTPD, Pure-FTPd and Dovecot read them."""

from resets.backends.sql.backend import SqlUsers

__all__ = ["SqlUsers"]
