"""The program that runs on a host once for a chunk: how it is called, and what it answers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from eap.actions.base import Host, Trouble, Unknown
from eap.actions.base import Surroundings as ActionSurroundings
from eap.actions.ssh_connection import connected
from resets.backends.base import Busy, Guard, Surroundings
from resets.backends.shadow.settings import ShadowSettings

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection

Call = Literal["disable", "lock", "rotate", "enable", "set_password", "revoke", "find", "hashes", "look", "probe"]
LOOKS: Final = frozenset({"find", "hashes", "look", "probe"})
LOGIN: Final = re.compile(r"[A-Za-z0-9_.@][A-Za-z0-9_.@$+-]{0,253}")
HASH: Final = re.compile(r"[$][A-Za-z0-9./$=,_-]{10,400}")
"""A text of crypt(3) that can stand in a field of /etc/shadow."""
LONGEST_ANSWER: Final = 64 * 1024 * 1024
_PASSING: Final = frozenset({"not_written", "cut_off"})


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """As whom we sign in, as connections want it."""

    user: str
    port: int
    key: str
    password: str


def call(
    operation: Call,
    host: Host,
    *,
    given: ShadowSettings,
    around: Surroundings,
    guard: Guard | None = None,
    lines: Iterable[str] = (),
) -> list[list[str]]:
    """Run the program on a host; return its answer's rows. Raises `Trouble`: `Unknown` when the connection went away
    while something was being changed, `Busy` while another chunk holds the host."""
    command = command_of(operation, given, guard)
    text = "".join(f"{line}\n" for line in lines) + ":end\n"
    answer, status = connected(
        SignIn(user=given.user, port=given.port, key=_named(given.key), password=_named(given.password)),
        _for_action(host, around),
        lambda connection: _run(connection, command, text, around.timeout_s, where=host.name),
    )
    rows = [line.split("\t") for line in answer.split("\n") if line]
    if rows and rows[-1] == ["end"]:
        return rows[:-1]
    failed = next((row for row in rows if row[0] == "fail"), None)
    if failed is not None:
        code, sentence = failed[1], " ".join(failed[2:])
        if code == "busy":
            raise Busy(f"{host.name}: {sentence}")
        raise Trouble(f"{host.name}: {sentence}", passing=code in _PASSING)
    if operation in LOOKS:
        raise Trouble(f"{host.name} did not answer to the end (exit status {status}).", passing=True)
    raise Unknown(f"{host.name} did not say how it ended (exit status {status}).")


async def _run(
    connection: SSHClientConnection, command: str, text: str, timeout_s: float, *, where: str
) -> tuple[str, int | None]:
    import asyncssh

    try:
        done = await connection.run(command, input=text, check=False, timeout=timeout_s, errors="replace")
    except asyncssh.TimeoutError as error:
        raise Unknown(f"{where} took longer than {timeout_s:.0f} s.") from error
    answer = str(done.stdout or "")
    if len(answer) > LONGEST_ANSWER:
        raise Trouble(f"{where} answered with more than could be accounts.")
    return answer, done.exit_status


def command_of(operation: Call, given: ShadowSettings, guard: Guard | None) -> str:
    """Return the command line. It holds no secret: accounts and hashes come by standard input."""
    said: Mapping[str, str] = {
        "OPERATION": operation,
        "FOLDER": given.folder,
        "GENERATION": str(guard.generation if guard else 0),
        "CUTOFF": str(int(guard.cutoff.timestamp()) if guard else 0),
        "MIN_UID": str(given.min_uid),
        "MAX_UID": str(given.max_uid),
        "SELF": given.user,
        "KEY_FILES": " ".join(given.key_files),
        "REVOKED_KEYS": given.revoked_keys,
        "CRONTABS": given.crontabs,
        "EDIT": text_of("edit.awk"),
    }
    words = ["env", *(f"MUSTER_{name}={value}" for name, value in said.items()), "sh", "-c", text_of("program.sh")]
    return shlex.join(words if given.user == "root" else ["sudo", "-n", *words])


@cache
def text_of(name: str) -> str:
    """Return one of the texts that run on hosts."""
    return (Path(__file__).parent / "host" / name).read_text(encoding="utf-8")


def _named(secret: str) -> str:
    return f"{{secrets.{secret}}}" if secret else ""


def _for_action(host: Host, around: Surroundings) -> ActionSurroundings:
    return ActionSurroundings(
        run_id="",
        step_id="",
        key="",
        timeout_s=around.timeout_s,
        say=around.say,
        stopped=around.stopped,
        secret=around.secret,
        target=host,
    )


def logins_that_fit(logins: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part logins into those that can be a Linux user's and those that can't."""
    fit = [login for login in logins if LOGIN.fullmatch(login)]
    return fit, [login for login in logins if not LOGIN.fullmatch(login)]
