"""What the program is asked to do, as it came by standard input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What an archive may hold at most: members, bytes once unpacked, and bytes for each packed one."""

    files: int
    bytes: int
    ratio: int


@dataclass(frozen=True)
class Database:
    """How the site's PostgreSQL database is reached. `os_user`: as which user of the host its programs run ("": ours);
    `programs`: the folder of pg_dump and its like ("": PATH)."""

    name: str
    host: str
    port: int
    user: str
    password: str
    os_user: str
    programs: str


@dataclass(frozen=True)
class Crypt:
    """How archives are encrypted: a passphrase, or the public key in `recipient_file`; `home` is the folder of the
    host's own keys, which a private key needs."""

    passphrase: str
    recipient_file: str
    home: str


@dataclass(frozen=True)
class Web:
    """The web server (nginx): its program, configuration and pid file, the port that it listens on, the systemd unit
    that starts it ("": the program itself), the seconds that requests under way are waited for."""

    program: str
    conf: str
    pid_file: Path
    host: str
    port: int
    unit: str
    patience: int


@dataclass(frozen=True)
class Request:
    """One call. `run` names the restore; `seconds` is the time there is."""

    verb: str
    step: str
    run: str
    seconds: float
    name: str
    site: Path
    archives: Path
    archive: str
    sha256: str
    keep: int
    oldest_hours: int
    database: Database | None
    crypt: Crypt
    web: Web | None
    limits: Limits
    scratch: Path
    scratch_database: bool
    must_dump: bool
    address: str
    page: str
    heartbeat: str


def read_request(given: Mapping[str, Any]) -> Request:
    """Return the request that this JSON object is."""
    database, web = given["database"], given["web"]
    plain = {
        name: given[name]
        for name in (
            "verb", "step", "run", "seconds", "name", "archive", "sha256", "keep", "oldest_hours", "scratch_database",
            "must_dump", "address", "page", "heartbeat",
        )
    }  # fmt: skip
    return Request(
        **plain,
        site=Path(given["site"]),
        archives=Path(given["archives"]),
        scratch=Path(given["scratch"]),
        database=Database(**database) if database else None,
        crypt=Crypt(**given["crypt"]),
        web=Web(**{**web, "pid_file": Path(web["pid_file"])}) if web else None,
        limits=Limits(**given["limits"]),
    )
