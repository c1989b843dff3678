"""Go through the accounts that systems hold and write those in scope to a file, before anything of ours is locked.

A system may take its time: no transaction is open meanwhile. The file has no name, so it goes with the process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import IO, Any, Final

from eap.actions.base import Stopped, Trouble
from resets.backends.base import Backend, Found
from resets.models import Reset, System
from resets.scope.selection import Asked, read_selection, selection_of

LOOK_EVERY: Final = 5_000
SAY_EVERY: Final = 100_000
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

Opener = Callable[[System], AbstractContextManager[Backend[Any]]]


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The file of accounts (PostgreSQL's text format for COPY, from its start), how many, how many were spared."""

    file: IO[bytes]
    count: int
    spared: int


@dataclass(frozen=True, kw_only=True)
class Around:
    """How systems are opened, and how people are kept informed."""

    opened: Opener
    say: Callable[[str], None]
    stopped: Callable[[], bool]


def gather(reset: Reset, *, around: Around) -> Gathered:
    """Write down every account in scope that is not on the approved list. Raises `Trouble`, `Stopped` when told to."""
    spared = exclusions_of(reset)
    asked = read_selection(reset.selection)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this function
    count = left_out = 0
    try:
        for system in reset.systems.order_by("pk"):
            around.say(f"Reading the accounts of {system.name}.")
            found, skipped = _read(reset, system, file, spared.get(system.pk, set()), asked, around)
            around.say(f"{system.name}: {found} accounts in scope" + (f", {skipped} left alone." if skipped else "."))
            count, left_out = count + found, left_out + skipped
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Gathered(file=file, count=count, spared=left_out)


def exclusions_of(reset: Reset) -> dict[int, set[str]]:
    """Return the logins to be left alone, by system."""
    found: dict[int, set[str]] = {}
    for system, login in reset.exclusions.values_list("system_id", "login"):
        found.setdefault(system, set()).add(login)
    return found


def _read(
    reset: Reset, system: System, file: IO[bytes], spared: Collection[str], asked: Asked, around: Around
) -> tuple[int, int]:
    canary = {*asked.canary, *probes_of(system)}
    key = reset.id.bytes
    count = skipped = 0
    folded = {login.casefold(): login for login in spared}
    misspelt: dict[str, str] = {}
    met: set[str] = set()
    with around.opened(system) as backend:
        for each in backend.find(selection_of(reset)):
            if each.login in spared:
                skipped += 1
                met.add(each.login)
                continue
            if (listed := folded.get(each.login.casefold())) is not None:
                misspelt[listed] = each.login
            file.write(_line(system.pk, each, key, named=each.login in canary))
            count += 1
            if count % LOOK_EVERY == 0 and around.stopped():
                raise Stopped("It was told to stop; nothing was frozen.", confirmed=True)
            if count % SAY_EVERY == 0:
                around.say(f"{system.name}: {count} accounts so far.")
    _check_spelling(system, {listed: login for listed, login in misspelt.items() if listed not in met})
    return count, skipped


def _check_spelling(system: System, misspelt: Mapping[str, str]) -> None:
    """Raise `Trouble` where an account that is to be left alone would not be, because its name is written otherwise."""
    if misspelt:
        pairs = ", ".join(f"“{listed}” (there: “{login}”)" for listed, login in sorted(misspelt.items())[:10])
        raise Trouble(
            f"The list of accounts to be left alone writes names of {system.name} with other capitals: {pairs}."
            " Write them as the system does, or take them off the list; nothing was frozen."
        )


def probes_of(system: System) -> Iterator[str]:
    """Return the logins kept for trying real sign-ins, as the system's settings name them."""
    probes = system.settings.get("probes")
    yield from probes if isinstance(probes, dict) else ()


def _line(system: int, found: Found, key: bytes, *, named: bool) -> bytes:
    login = found.login
    if not login or len(login) > 254 or len(found.shard) > 253 or "\x00" in login + found.shard:
        raise Trouble(f"The login {login[:60]!r} on {found.shard!r} can't be kept: 1 to 254 characters, without NUL.")
    # Keyed with the reset's id: nobody can choose a login that comes first, and each reset draws anew.
    lot = blake2b(f"{system}\0{found.shard}\0{login}".encode(), digest_size=8, key=key).digest()
    fields = (
        str(system),
        _text(found.shard),
        _text(login),
        str(int.from_bytes(lot, "big", signed=True)),
        "t" if named else "f",
        _moment(found.set_at),
        _text(found.email if len(found.email) <= 254 else ""),
        _moment(found.email_changed_at),
        _text(found.language[:5]),
        # Cut off it would be somebody else's number.
        _text(found.customer if len(found.customer) <= 40 else ""),
    )
    return ("\t".join(fields) + "\n").encode()


def _text(value: str) -> str:
    return value.translate(_ESCAPES).replace("\x00", "") if not value.isalnum() else value


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else "\\N"
