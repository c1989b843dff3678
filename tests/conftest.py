"""What every test relies on: no network beyond this machine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast

import pytest
from django.core.management.commands import flush as flush_command
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django import Settings

from tests.exchange import exchange, phones
from tests.workspace import slack

__all__ = ["exchange", "phones", "slack"]

LOOPBACK: Final = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared with, not bound to

MADE_BY_DJANGO: Final = ("django_content_type", "auth_permission")


def _refuse_other_machines(event: str, arguments: tuple[object, ...]) -> None:
    """Stop a connection or a look-up that would leave this machine; PEP 578 hooks see every socket of Python."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, str | bytes) and host:
        name = host.decode() if isinstance(host, bytes) else host
        if not name.startswith(LOOPBACK):
            raise PermissionError(f"A test tried to reach {name}. Tests talk to this machine only.")


sys.addaudithook(_refuse_other_machines)


def _drop(creation: Any, test_database_name: str, _verbosity: int) -> None:
    """Drop a worker's database with whoever is still connected: threads of servers under test end with the process."""
    with creation._nodb_cursor() as cursor:
        name = creation.connection.ops.quote_name(test_database_name)
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


cast(Any, DatabaseCreation)._destroy_test_db = _drop


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_by_delete() -> Iterator[None]:
    """Django empties every table by TRUNCATE after a test with real commits, then makes permissions and content types
    anew. The ledger's triggers refuse that, and on sixty tables it takes a quarter of a second; deleting the few rows
    behind the triggers, and leaving what Django made once, takes a hundredth."""
    flush = DatabaseOperations.execute_sql_flush

    def delete_rows(operations: DatabaseOperations, statements: Sequence[str]) -> None:
        tables = [table for statement in statements for table in re.findall(r'"([^"]+)"', statement)]
        tables = [table for table in tables if table not in MADE_BY_DJANGO]
        deletions = [f'DELETE FROM "{table}"' for table in tables]  # noqa: S608 - names of our own tables
        flush(operations, ["SET LOCAL session_replication_role = replica", ";".join(deletions)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", delete_rows)
        patch.setattr(flush_command, "emit_post_migrate_signal", lambda *_arguments, **_options: None)
        yield


@pytest.fixture(autouse=True)
def _anchors_of_its_own(settings: Settings, tmp_path: Path) -> None:
    """Anchors outlive a test's database: each test has a folder of its own for them."""
    settings.LEDGER_ANCHOR_DIR = tmp_path / "anchors"


@pytest.fixture(autouse=True)
def _nobody_counted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests of a process come from one address: what one sends without a known key is not held against the next."""
    from intake.receivers import door, ping
    from intake.receivers.strangers import Strangers

    counted = Strangers()
    for module in (door, ping):
        monkeypatch.setattr(module, "strangers", counted)


@pytest.fixture(autouse=True)
def _a_published_folder_of_its_own(settings: Settings, tmp_path: Path) -> None:
    """What one test publishes is no business of another one's, nor of another process of the suite."""
    settings.STATUS_PUBLISH_DIR = tmp_path / "published"
