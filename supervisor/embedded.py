"""The two servers that run beside the product where none is configured."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from supervisor.binaries import postgres_binaries, valkey_binary
from supervisor.errors import StartRefused
from supervisor.postgres import ENVIRONMENT, Postgres
from supervisor.spawn import end, spawn
from supervisor.tree import Tree
from supervisor.valkey import Valkey

DATABASE = "muster"
PATIENCE_S = 60.0
"""For a server to answer; after a crash PostgreSQL first repeats its log."""


def is_given(name: str) -> bool:
    """Tell whether the environment carries setting `name`, or `name_FILE`."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def embedded_postgres(tree: Tree, *, password: str) -> Postgres | None:
    """Describe the checkout's own PostgreSQL; None where DATABASE_URL names another. Raises StartRefused."""
    if is_given("DATABASE_URL"):
        return None
    return Postgres(
        binaries=postgres_binaries(tree),
        data=tree.state / "postgres",
        sockets=tree.sockets,
        owner=tree.owner,
        password=password,
    )


def embedded_valkey(tree: Tree) -> Valkey | None:
    """Describe the checkout's own Valkey; None where REDIS_URL names another. Raises StartRefused."""
    if is_given("REDIS_URL"):
        return None
    return Valkey(program=valkey_binary(tree), data=tree.state / "valkey", sockets=tree.sockets, owner=tree.owner)


def start_server(server: Postgres | Valkey, *, log: Path) -> subprocess.Popen[bytes]:
    """Start one server that writes to `log` and return it when it answers; it dies with this thread.

    Raises StartRefused with what it said where it ends or keeps silent for PATIENCE_S seconds.
    """
    server.prepare()
    with log.open("ab") as file:
        child = spawn(
            server.command(),
            env=ENVIRONMENT,
            cwd=server.data,
            owner=server.owner,
            death_signal=server.stop_signal,
            output=file,
        )
    deadline = time.monotonic() + PATIENCE_S
    while not server.is_ready():
        if child.poll() is not None or time.monotonic() > deadline:
            end(child, first=server.stop_signal, patience_s=2)
            raise StartRefused(f"{server.title} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)
    return child


def remove_data(tree: Tree) -> None:
    """Remove what the embedded servers and the demonstration keep; the caller holds the supervisor's lock."""
    postgres, valkey = embedded_postgres(tree, password=""), embedded_valkey(tree)
    if postgres is None or valkey is None:
        raise StartRefused(
            "--reset removes embedded data only. Unset DATABASE_URL and REDIS_URL, or leave --reset out."
        )
    postgres.end_stale()
    valkey.end_stale()
    folders = (postgres.data, valkey.data, tree.var / "simulator", tree.var / "anchors", tree.var / "status")
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("demo.json", "demo-company.json", "run.json", "emergency-contacts.json"):
        (tree.var / name).unlink(missing_ok=True)
