"""A real table of accounts in SQLite, and the action called as an executor calls it, with the work done meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from eap.actions.base import Preview, Result, Surroundings
from eap.models import Run
from engine import clock
from resets.actions.inputs import ResetInputs
from resets.actions.reset import ResetAction
from resets.models import System
from tests.resets.engine.builders import work

OLD: Final = "$6$old$hash-of-"


def make_accounts(folder: Path, count: int, *, name: str = "ftp.sqlite") -> Path:
    """Make a table of so many accounts, on two hosts, whose passwords were set in 2025."""
    path = folder / name
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE users (userid TEXT, passwd TEXT, disabled INTEGER DEFAULT 0, cred_gen INTEGER DEFAULT 0,"
            " set_at TEXT, host TEXT, email TEXT, customer TEXT)"
        )
        database.executemany(
            "INSERT INTO users VALUES (?, ?, 0, 0, '2025-03-01 10:00:00', ?, ?, ?)",
            [
                (f"user{n:04}", f"{OLD}{n}", f"web{n % 2 + 1}", f"user{n}@customer.example", f"K{n}")
                for n in range(count)
            ],
        )
    database.close()
    return path


def settings_of(name: str = "ftp.sqlite") -> dict[str, Any]:
    """Return the settings of a system over such a table."""
    return {
        "database": {"engine": "sqlite", "file": name},
        "users": {
            "login": "userid",
            "hash": "passwd",
            "disabled": {"column": "disabled", "on": 1, "off": 0},
            "cred_gen": "cred_gen",
            "set_at": "set_at",
            "shard": "host",
            "email": "email",
            "customer": "customer",
        },
    }


def make_system(key: str = "ftp", *, drill: bool = False, name: str = "ftp.sqlite") -> System:
    """Make the system over such a table."""
    return System.objects.create(key=key, name=key.upper(), kind="sql", settings=settings_of(name), drill=drill)


def rows(path: Path) -> dict[str, tuple[str, int]]:
    """Return hash and flag of each account."""
    with sqlite3.connect(path) as database:
        found = {
            login: (hashed, flag)
            for login, hashed, flag in database.execute("SELECT userid, passwd, disabled FROM users")
        }
    database.close()
    return found


class Caller:
    """Calls the action for a run. What is due is worked off in this thread each time the action looks up.

    The action asks `stopped` whenever it looks; `stops` answers.
    """

    def __init__(self, run: Run, *, step: str = "step") -> None:
        self.run = run
        self.step = step
        self.said: list[str] = []
        self.stops = False
        self.works = True

    def __call__(self, do: str, **given: Any) -> Result:
        """Have it done."""
        return ResetAction().apply(_inputs(do, given), self.around())

    def preview(self, do: str, **given: Any) -> Preview:
        """Ask what it would do."""
        return ResetAction().plan(_inputs(do, given), self.around())

    def around(self) -> Surroundings:
        """Return what an executor would give it."""
        return Surroundings(
            run_id=str(self.run.pk),
            step_id=self.step,
            key="key",
            timeout_s=60.0,
            say=self.said.append,
            stopped=self._stopped,
            secret=str,
            drill=self.run.drill,
        )

    def _stopped(self) -> bool:
        if self.works:
            work(now=clock.now())
        return self.stops


def _inputs(do: str, given: Mapping[str, Any]) -> ResetInputs:
    return ResetInputs.model_validate({"do": do, **given})
