"""What every test relies on: no network beyond this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django import Settings

LOOPBACK: Final = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared with, not bound to


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


@pytest.fixture(scope="session", autouse=True)
def _guarded_tables_can_be_emptied_between_tests() -> Iterator[None]:
    """The ledger's triggers refuse TRUNCATE, which is how Django empties tables after a test with real commits."""
    truncate = DatabaseOperations.execute_sql_flush

    def truncate_behind_the_triggers(operations: DatabaseOperations, statements: Sequence[str]) -> None:
        truncate(operations, ["SET LOCAL session_replication_role = replica", *statements])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", truncate_behind_the_triggers)
        yield


@pytest.fixture(autouse=True)
def _anchors_of_its_own(settings: Settings, tmp_path: Path) -> None:
    """Anchors outlive a test's database: each test has a folder of its own for them."""
    settings.LEDGER_ANCHOR_DIR = tmp_path / "anchors"
