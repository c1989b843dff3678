"""Harbor Hosting's FTP and shell accounts, small but real: two SQLite files, so that a reset can be walked to its end.

One is marked for drills: what an exercise does, it does there. Nobody can sign in with these hashes: they are chance.
"""

from __future__ import annotations

import random
import sqlite3
import string
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from resets.models import System
from statuspage.models import Customer

# key, name, file, marked for drills, accounts of each customer
SYSTEMS: Final = (
    ("ftp-and-shell", "FTP and shell accounts", "harbor-ftp.sqlite", False, 12),
    ("ftp-exercise", "FTP accounts of the exercise", "harbor-exercise.sqlite", True, 3),
)
HOSTS: Final = 8
_TABLE: Final = """
CREATE TABLE accounts (
    login TEXT PRIMARY KEY, passwd TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
    cred_gen INTEGER NOT NULL DEFAULT 0, set_at TEXT NOT NULL, host TEXT NOT NULL, plan TEXT NOT NULL,
    email TEXT NOT NULL, email_changed_at TEXT, language TEXT NOT NULL, customer TEXT NOT NULL
)
"""
_MAPPING: Final = {
    "table": "accounts",
    "login": "login",
    "hash": "passwd",
    "disabled": {"column": "disabled", "on": 1, "off": 0},
    "shard": "host",
    **{name: name for name in ("cred_gen", "set_at", "plan", "email", "email_changed_at", "language", "customer")},
}


def prepare_account_systems(*, now: datetime) -> None:
    """Set the systems up, and write their files with the commit. Customers have to be there."""
    for key, name, file, drill, each in SYSTEMS:
        kept: dict[str, Any] = {"database": {"engine": "sqlite", "file": file}, "users": _MAPPING}
        System.objects.create(key=key, name=name, kind="sql", settings=kept, drill=drill, at_once=1)
        rows = _rows(each, prefix="x" if drill else "", now=now)
        transaction.on_commit(partial(_write, file, rows))


def _rows(each: int, *, prefix: str, now: datetime) -> list[tuple[Any, ...]]:
    chance = random.Random(20_261_122)  # noqa: S311  (a story, no secret)
    rows = []
    for customer in Customer.objects.order_by("number"):
        for place in range(1, each + 1):
            changed = now - timedelta(days=chance.randrange(1, 20)) if chance.random() < 0.03 else None
            rows.append(
                (
                    f"{prefix}{customer.number.lower()}-{place}",
                    _hash(chance),
                    0,
                    0,
                    _written(now - timedelta(hours=chance.randrange(1, 900 * 24))),
                    f"web{chance.randrange(1, HOSTS + 1):02d}.harbor.example",
                    chance.choice(("start", "business", "agency")),
                    customer.email,
                    _written(changed) if changed else None,
                    customer.language,
                    customer.number,
                )
            )
    return rows


def _hash(chance: random.Random) -> str:
    """Return what looks like sha512-crypt and is the hash of nothing anybody knows."""
    letters = string.ascii_letters + string.digits + "./"
    return f"$6${''.join(chance.choices(letters, k=16))}${''.join(chance.choices(letters, k=86))}"


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _write(file: str, rows: list[tuple[Any, ...]]) -> None:
    folder = Path(settings.RESET_FILES_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / file
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    try:
        with database:
            database.execute(_TABLE)
            database.executemany(f"INSERT INTO accounts VALUES ({', '.join('?' * 11)})", rows)  # noqa: S608 - marks
    finally:
        database.close()
    path.chmod(0o600)
