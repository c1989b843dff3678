"""Open sessions of ProFTPD: who has one, and how it ends. A password is asked for at sign-in only, so that neither a
new one nor a lock ends a session."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from eap.actions.base import Host, Stopped, Trouble
from eap.actions.base import Surroundings as ActionSurroundings
from resets.backends.base import Surroundings
from resets.backends.sql.mapping import Sessions

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHCompletedProcess

AT_ONCE: Final = 20
"""Names in one request: mod_ctrls reads at most 32 words."""
SHOWN: Final = 31
"""Bytes of a user's name that ProFTPD keeps in its scoreboard, by which it also finds whom to kick."""
ENDS_WITHIN_S: Final = 15.0
LOOK_EVERY_S: Final = 0.3
Run = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class _SignIn:
    """As whom we go to the hosts; the key is a secret, put in at the last moment."""

    user: str
    key: str
    port: int = 22
    password: str = ""


def online(given: Sessions, shard: str, around: Surroundings) -> set[str]:
    """Return the names, as `shown` gives them, that have a session open on any of the hosts; raises `Trouble`."""
    return {name for run in _hosts(given, shard, around) for name in _who(given, run)}


def end_sessions(given: Sessions | None, shard: str, logins: Sequence[str], around: Surroundings) -> set[str]:
    """End the sessions of these accounts and return which of them have one all the same.

    Nobody at all where no way to sessions is mapped. Raises `Trouble` when a host can't be asked.
    """
    if given is None or not logins:
        return set()
    names = {shown(login) for login in logins}
    staying: set[str] = set()
    for run in _hosts(given, shard, around):
        staying |= _end_on(given, run, names, around)
    return {login for login in logins if shown(login) in staying}


def shown(login: str) -> str:
    """Return how the server shows an account's name."""
    return login.encode()[:SHOWN].decode(errors="ignore")


def _end_on(given: Sessions, run: Run, names: set[str], around: Surroundings) -> set[str]:
    here = names & _who(given, run)
    until = time.monotonic() + min(ENDS_WITHIN_S, around.timeout_s)
    while here:
        if around.stopped():
            raise Stopped("Stopped while sessions were being ended; some may be open.", confirmed=False)
        for batch in _batches(sorted(here)):
            run(["ftpdctl", "-s", given.socket, "--", "kick", "user", *batch])
        here &= _who(given, run)
        if time.monotonic() > until:
            break
        if here:
            time.sleep(LOOK_EVERY_S)
    return here


def _who(given: Sessions, run: Run) -> set[str]:
    said = run(["ftpwho", "-f", given.scoreboard, "-o", "json"])
    try:
        return {str(each["user"]) for each in json.loads(said).get("connections", []) if each.get("user")}
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Trouble("ftpwho did not say in JSON who is there; it does from ProFTPD 1.3.6 on.") from error


def _batches(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))


def _hosts(given: Sessions, shard: str, around: Surroundings) -> list[Run]:
    if given.through == "local":
        return [partial(_here, around)]
    names = list(given.hosts) or ([shard] if shard else [])
    if not names:
        raise Trouble("Name the hosts on which sessions are to be ended: this system has no shards.")
    return [partial(_there, given, host, around) for host in _known(names)]


def _known(names: Sequence[str]) -> list[Host]:
    from eap.hosts import hosts_named

    found = {host.name: host for host in hosts_named(names)}
    missing = [name for name in names if name not in found]
    if missing:
        raise Trouble(f"No inventory has the host {', '.join(missing[:5])}, so its sessions can't be ended.")
    return [found[name] for name in names]


def _here(around: Surroundings, words: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            list(words),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=max(1.0, around.timeout_s),
            check=False,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise Trouble(f"There is no {words[0]} on this machine.") from error
    except subprocess.TimeoutExpired as error:
        raise Trouble(f"{words[0]} did not end on this machine.", passing=True) from error
    return _said(words, done.returncode, done.stdout, done.stderr, "this machine")


def _there(given: Sessions, host: Host, around: Surroundings, words: Sequence[str]) -> str:
    from eap.actions.ssh_connection import connected

    if given.key is None:
        raise Trouble("Name the secret with the key by which Muster goes to the hosts (sessions: key).")
    action = ActionSurroundings(
        run_id="",
        step_id="",
        key="",
        timeout_s=around.timeout_s,
        say=around.say,
        stopped=around.stopped,
        secret=around.secret,
        target=host,
    )
    sign_in = _SignIn(user=given.user, key=f"{{secrets.{given.key}}}")

    async def ask(connection: SSHClientConnection) -> SSHCompletedProcess:
        return await connection.run(shlex.join(words), check=False, timeout=max(1.0, around.timeout_s))

    done = connected(sign_in, action, ask)
    status = -1 if done.exit_status is None else int(done.exit_status)
    return _said(words, status, str(done.stdout or ""), str(done.stderr or ""), host.name)


def _said(words: Sequence[str], status: int, output: str, errors: str, where: str) -> str:
    if status != 0:
        last = (errors or output).strip().splitlines()[-1:] or [f"exit status {status}"]
        raise Trouble(f"{words[0]} failed on {where}: {last[0][:160]}", passing=status == -1)
    return output
