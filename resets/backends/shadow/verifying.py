"""Whether what a reset did has an effect on a host: its own words, and sign-ins with old passwords."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from eap.actions.base import Host, Trouble
from resets.backends.base import Check, Guard

DAY_S: Final = 86_400
OUT_OF_FORCE: Final = {
    "marker": "A marker that fits no password stands in the place of the hash.",
    "none": "It never had a password.",
    "held": "Its hash is out of force (usermod -L).",
}


def checks_of(row: Sequence[str], guard: Guard) -> list[Check]:
    """Read what the host said: login, live processes, kind of hash, expiry, day of the change, mark."""
    login, live, kind, expiry, day, mark = (*row, "", "", "")[:6]
    holds, sentence = _state(kind, expiry, day, mark, guard)
    gone = live == "0"
    running = "No process of this user runs." if gone else f"{live} processes of this user run."
    return [Check(login, "state_effective", holds, sentence), Check(login, "session_gone", gone, running)]


def _state(kind: str, expiry: str, day: str, mark: str, guard: Guard) -> tuple[bool, str]:
    generation, _, operations = mark.partition(":")
    this_reset = generation.isdecimal() and int(generation) >= guard.generation
    if expiry == "expired":
        return True, "The account has expired: neither password nor key signs in."
    if kind in OUT_OF_FORCE:
        return True, OUT_OF_FORCE[kind]
    if this_reset and "set_password" in operations.split("+"):
        return True, "Its owner has set a password through this reset."
    if kind == "rotated" and this_reset:
        return True, "The hash is the one that this reset wrote."
    if day.isdecimal() and int(day) * DAY_S > guard.cutoff.timestamp():
        return True, f"Its owner has set a password since the cutoff (on {_date(int(day))})."
    return False, "Nothing keeps the password of before from being used."


def _date(day: int) -> str:
    return f"{datetime.fromtimestamp(day * DAY_S, UTC):%Y-%m-%d}"


def old_password_refused(login: str, password: str, host: Host, port: int, known_hosts: object) -> Check:
    """Sign in by SSH with the password of before; that must fail."""
    try:
        went = asyncio.run(_signs_in(login, password, host, port, known_hosts))
    except Trouble as trouble:
        return Check(login, "old_refused", None, trouble.sentence)
    sentence = "The old password still signs in by SSH." if went else "The old password was refused by SSH."
    return Check(login, "old_refused", not went, sentence)


async def _signs_in(login: str, password: str, host: Host, port: int, known_hosts: object) -> bool:
    """Try it. A right password of an expired account is not answered with "no": the host hangs up."""
    import asyncssh

    given: list[str] = []

    class Client(asyncssh.SSHClient):
        def password_auth_requested(self) -> str | None:
            if given:
                return None
            given.append(login)
            return password

    try:
        connection = await asyncssh.connect(
            host.address,
            port,
            username=login,
            client_factory=Client,
            known_hosts=known_hosts,
            client_keys=None,
            agent_path=None,
            config=None,
            preferred_auth="password",
            connect_timeout=10,
            login_timeout=20,
        )
    except asyncssh.PermissionDenied as error:
        if given:
            return False
        raise Trouble(f"{host.name} asks for no passwords by SSH.") from error
    except asyncssh.DisconnectError as error:
        if given:
            return False
        raise Trouble(f"{host.name} ended the connection before the sign-in.") from error
    except (OSError, TimeoutError, asyncssh.Error) as error:
        raise Trouble(f"A sign-in at {host.name} could not be tried ({type(error).__name__}).") from error
    connection.abort()
    return True
