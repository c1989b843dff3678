"""What the programs of a backup and a restore are called with: each one's words and environment, kept as it starts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import sql

from eap.actions.webserver.host.journal import STEPS
from tests.eap.webserver.world import PASSPHRASE, World, connected

PASSWORD = "a-password:with\\marks"
PROGRAMS = ("gpg", "psql", "pg_dump", "pg_restore", "nginx")
WRITES_DOWN = """#!/bin/sh
cat /proc/$$/cmdline /proc/$$/environ >>{record}
exec {real} "$@"
"""


@pytest.fixture
def record(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put programs first on the PATH that write down what they are called with, and then are the real ones."""
    folder, record = world.folder / "bin", world.folder / "record"
    folder.mkdir()
    path = f"{world.database['programs']}:{os.environ['PATH']}:/usr/sbin:/sbin"
    for name in PROGRAMS:
        real = shutil.which(name, path=path)
        assert real is not None
        (folder / name).write_text(WRITES_DOWN.format(record=record, real=real))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return record


@pytest.fixture
def role(world: World) -> Iterator[str]:
    """Yield a role of the site's own with a password of its own, to whom the database belongs."""
    name = f"{world.database['name']}_owner"
    with connected("postgres") as connection:
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN SUPERUSER PASSWORD {}").format(sql.Identifier(name), sql.Literal(PASSWORD))
        )
    try:
        yield name
    finally:
        with connected(str(world.database["name"])) as connection:
            connection.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_no_program_sees_a_secret_where_others_can_read_it(world: World, record: Path, role: str) -> None:
    world = replace(world, database={**world.database, "programs": "", "user": role, "password": PASSWORD})
    world.answers("backup")
    world.damage()
    said: list[str] = []
    for step in STEPS:
        status, lines = world.answer(world.request("restore", step))
        assert status == 0, lines
        said += lines
    assert world.is_restored()
    kept = record.read_bytes()
    for name in PROGRAMS:
        assert f"/{name}\0".encode() in kept, f"{name} was called"
    assert b"--passphrase-fd" in kept
    assert b"PGPASSFILE=/proc/self/fd/" in kept
    for secret in (PASSPHRASE, PASSWORD):
        assert secret.encode() not in kept
        assert not [line for line in said if secret in line]
        for path in world.folder.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path
