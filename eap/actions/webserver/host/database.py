"""The site's PostgreSQL database: dumped with its row counts, restored in one transaction, counted again."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from eap.actions.webserver.host import programs
from eap.actions.webserver.host.disk import CHUNK, sync_file
from eap.actions.webserver.host.request import Database
from eap.actions.webserver.host.trouble import Refused, Trouble, say

MARKS = "muster_restores"
"""The table that keeps the dates of restores; it is not counted, because a restore adds to it."""
_TABLES = f"""
SELECT coalesce(json_object_agg(format('%s.%s', n.nspname, c.relname), format('%I.%I', n.nspname, c.relname)), '{{}}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  AND NOT (n.nspname = 'public' AND c.relname = '{MARKS}')
"""  # noqa: S608 - nothing from outside
_OTHERS = """
SELECT json_build_array(count(pg_terminate_backend(pid))) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND pg_has_role(current_user, usesysid, 'MEMBER')
"""


class Session:
    """One session of psql, asked line by line: each question answers one JSON value."""

    def __init__(self, process: subprocess.Popen[bytes], said: Any) -> None:
        self._process = process
        self._said = said

    def ask(self, statement: str) -> Any:
        """Return what a statement answers; raises `Trouble` with what the server says."""
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018
        try:
            self._process.stdin.write(" ".join(statement.split()).encode() + b";\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            return json.loads(line)
        except (BrokenPipeError, ValueError) as error:
            self._process.wait()
            raise Trouble(f"The database refused: {programs.last_words(self._said, 'it did not say why')}") from error

    def tell(self, statement: str) -> None:
        """Carry out a statement that answers nothing."""
        self.ask(f"{statement}; SELECT 1")

    def count_rows(self) -> dict[str, int]:
        """Return the rows of every table of the site, by its name with its schema."""
        tables: Mapping[str, str] = self.ask(_TABLES)
        # The server itself quoted the names.
        return {name: int(self.ask(f"SELECT count(*) FROM {quoted}")) for name, quoted in sorted(tables.items())}  # noqa: S608


@contextmanager
def session(database: Database, *, name: str = "") -> Iterator[Session]:
    """Open a session with the database, or with the one called `name` on the same server."""
    with programs.complaints() as said, ExitStack() as stack:
        words = ["psql", "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1"]
        process = stack.enter_context(
            _started(stack, database, words, name=name, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        )
        yield Session(process, said)


def dump(database: Database, into: Path) -> tuple[str, int, dict[str, int]]:
    """Dump the database into a file; return its SHA-256, its size, and the rows by table of the very same moment."""
    digest, size = hashlib.sha256(), 0
    with session(database) as asking, ExitStack() as stack:
        asking.tell("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = asking.ask("SELECT to_json(pg_export_snapshot())")
        said = stack.enter_context(programs.complaints())
        words = ["pg_dump", "-Fc", "-w", f"--snapshot={snapshot}"]
        with into.open("xb") as file, _started(stack, database, words, stdout=subprocess.PIPE, stderr=said) as process:
            assert process.stdout is not None  # noqa: S101  (asked for)
            while chunk := process.stdout.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            sync_file(file)
            if process.wait():
                raise Trouble(f"pg_dump failed: {programs.last_words(said, 'it did not say why')}")
        tables = asking.count_rows()
        asking.tell("COMMIT")
    return digest.hexdigest(), size, tables


def require_dump(database: Database, path: Path) -> int:
    """Return how many objects a dump lists; raises `Refused` for what pg_restore can't read."""
    with programs.complaints() as said, ExitStack() as stack, path.open("rb") as file:
        words = ["pg_restore", "-l"]
        process = stack.enter_context(_started(stack, database, words, stdin=file, stdout=subprocess.PIPE, stderr=said))
        assert process.stdout is not None  # noqa: S101  (asked for)
        listed = [line for line in process.stdout if line.strip() and not line.startswith(b";")]
        if process.wait():
            why = programs.last_words(said, "it did not say why")
            raise Refused(f"pg_restore can't read the database's dump: {why}")
    return len(listed)


def restore(database: Database, path: Path, *, name: str = "") -> None:
    """Put a dump into the database, or into the empty one called `name`: all of it or nothing (one transaction)."""
    if not name:
        with session(database) as asking:
            ended = asking.ask(_OTHERS)[0]
            if ended:
                say(f"Ended {ended} other sessions of this database.")
    words = ["pg_restore", "-w", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    if not name:
        words = ["pg_restore", "-w", "--single-transaction", "--exit-on-error", "--clean", "--if-exists"]
    words += ["--dbname", name or database.name]
    with programs.complaints() as said, ExitStack() as stack, path.open("rb") as file:
        process = stack.enter_context(_started(stack, database, words, stdin=file, stdout=said, stderr=said))
        if process.wait():
            why = programs.last_words(said, "it did not say why")
            raise Trouble(f"pg_restore failed, and the database is as it was: {why}")


def compare_rows(database: Database, wanted: Mapping[str, int], *, name: str = "", more: bool = False) -> int:
    """Return how many rows there are once every table has as many as the manifest says (or more, where `more`)."""
    with session(database, name=name) as asking:
        found = asking.count_rows()
    for table, rows in wanted.items():
        if table not in found:
            raise Trouble(f"The table {table} is missing.")
        if found[table] < rows or (found[table] > rows and not more):
            raise Trouble(f"{table} has {found[table]} rows, the manifest says {rows}.")
    if extra := sorted(set(found) - set(wanted)):
        say(f"Tables that the backup did not have are still there: {', '.join(extra[:20])}.")
    return sum(found.values())


def mark(database: Database, run: str, archive: str) -> str:
    """Record the restore in the database, once for each run; return when that was (UTC, ISO 8601)."""
    with session(database) as asking:
        asking.tell("SET client_min_messages = warning")
        asking.tell(
            f"CREATE TABLE IF NOT EXISTS public.{MARKS}"
            " (run text PRIMARY KEY, archive text NOT NULL, restored_at timestamptz NOT NULL DEFAULT now())"
        )
        asking.tell(
            f"INSERT INTO public.{MARKS} (run, archive) VALUES ({_text(run)}, {_text(archive)}) ON CONFLICT DO NOTHING"  # noqa: S608
        )
        return str(
            asking.ask(
                "SELECT to_json(to_char(restored_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))"  # noqa: S608
                f" FROM public.{MARKS} WHERE run = {_text(run)}"
            )
        )


def reload(database: Database) -> bool:
    """Have the server read its configuration anew; False where this role may not."""
    try:
        with session(database) as asking:
            return bool(asking.ask("SELECT to_json(pg_reload_conf())"))
    except Trouble as trouble:
        say(f"The database's configuration was not read anew. {trouble.sentence}")
        return False


def create(database: Database, name: str) -> None:
    """Make an empty database on the same server."""
    with session(database) as asking:
        asking.tell(f'CREATE DATABASE "{name}" TEMPLATE template0')


def drop(database: Database, name: str) -> None:
    """Drop a database with whoever is connected to it; what is gone is gone."""
    with session(database) as asking:
        asking.tell("SET client_min_messages = warning")
        asking.tell(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _text(value: str) -> str:
    return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


@contextmanager
def _started(
    stack: ExitStack, database: Database, words: Sequence[str], *, name: str = "", **how: Any
) -> Iterator[subprocess.Popen[bytes]]:
    env = {
        "PGDATABASE": name or database.name,
        "PGCONNECT_TIMEOUT": "10",
        "PGAPPNAME": "muster",
        "PGCLIENTENCODING": "UTF8",
        "PGHOST": database.host,
        "PGPORT": str(database.port) if database.port else "",
        "PGUSER": database.user,
    }
    env = {key: value for key, value in env.items() if value}
    handles: list[int] = []
    if database.password:
        escaped = database.password.replace("\\", "\\\\").replace(":", "\\:")
        file = programs.secret_file(f"*:*:*:*:{escaped}\n", owner=database.os_user)
        handle = stack.enter_context(file)
        handles.append(handle)
        env["PGPASSFILE"] = f"/proc/self/fd/{handle}"
    program = f"{database.programs.rstrip('/')}/{words[0]}" if database.programs else words[0]
    with programs.started(
        [program, *words[1:]],
        pass_fds=handles,
        env=programs.environment(env),
        **how,
        **programs.as_user(database.os_user),
    ) as process:
        yield process
