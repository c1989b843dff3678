"""Connections by SSH: to hosts whose keys are known, with commands that can be found there, stopped and proved dead."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django.conf import settings

from eap.actions import commands, processes
from eap.actions.base import Host, Stopped, Surroundings, Trouble, Unknown
from eap.actions.output import LONGEST_LINE, Output
from eap.actions.texts import with_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncssh import SSHClientConnection

CONNECT_S = 10.0
LOOK_EVERY_S = 0.3
T = TypeVar("T")


class SignIn(Protocol):
    """As whom and by what we sign in; `key` and `password` may refer to secrets."""

    @property
    def user(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def password(self) -> str: ...


def target_of(around: Surroundings) -> Host:
    if around.target is None:
        raise Trouble("The ssh action needs targets: say `targets` with hosts of the inventory.")
    return around.target


def connected(sign_in: SignIn, around: Surroundings, use: Callable[[SSHClientConnection], Awaitable[T]]) -> T:
    """Connect, use the connection in an event loop of its own, and translate what goes wrong."""
    import asyncssh

    host = target_of(around)

    async def go() -> T:
        async with _connection(sign_in, around, host, proofs) as connection:
            return await use(connection)

    try:
        # Out here: secrets come from the database, which can't be asked inside an event loop.
        proofs = _proofs(sign_in, around)
        return asyncio.run(go())
    except asyncssh.HostKeyNotVerifiable as error:
        raise Trouble(
            f"The host key of {host.name} is not known or not the known one. Put it into the inventory (host_key) or "
            "into the known hosts, after checking it."
        ) from error
    except asyncssh.PermissionDenied as error:
        raise Trouble(f"{host.name} refused the sign-in of {sign_in.user}.") from error
    except (asyncssh.ConnectionLost, asyncssh.ChannelOpenError, asyncssh.DisconnectError) as error:
        raise Unknown(f"The connection to {host.name} was lost: {type(error).__name__}.") from error
    except (ValueError, asyncssh.Error) as error:
        raise Trouble(f"SSH to {host.name} failed: {type(error).__name__}.") from error


def _proofs(sign_in: SignIn, around: Surroundings) -> dict[str, Any]:
    """Return by what we sign in, as options of a connection."""
    import asyncssh

    proofs: dict[str, Any] = {"client_keys": None, "preferred_auth": "publickey"}
    if sign_in.key:
        proofs["client_keys"] = [asyncssh.import_private_key(with_secrets(sign_in.key, around).strip() + "\n")]
    if sign_in.password:
        proofs |= {"password": with_secrets(sign_in.password, around), "preferred_auth": "publickey,password"}
    return proofs


@asynccontextmanager
async def _connection(
    sign_in: SignIn, around: Surroundings, host: Host, proofs: Mapping[str, Any]
) -> AsyncIterator[SSHClientConnection]:
    import asyncssh

    port = int(host.variables.get("port") or sign_in.port)
    try:
        connection = await asyncssh.connect(
            host.address,
            port,
            username=sign_in.user,
            known_hosts=known_hosts(host, port),
            connect_timeout=min(CONNECT_S, commands.seconds_left(around)),
            login_timeout=CONNECT_S,
            keepalive_interval=15,
            agent_path=None,
            config=None,
            **proofs,
        )
    except (OSError, TimeoutError, asyncssh.ConnectionLost) as error:
        # Nothing was asked of the host yet.
        raise Trouble(f"{host.name} can't be reached by SSH ({type(error).__name__}).", passing=True) from error
    try:
        yield connection
    finally:
        connection.close()
        with suppress(Exception):  # what is being closed has nothing more to say
            await asyncio.wait_for(connection.wait_closed(), 2)


def known_hosts(host: Host, port: int) -> Any:
    """Return which host keys are trusted: the inventory's, and those of ACTION_KNOWN_HOSTS."""
    import asyncssh

    lines = []
    if key := host.variables.get("host_key"):
        lines = [f"{name} {key}" for name in (host.address, f"[{host.address}]:{port}")]
    with suppress(OSError):
        lines.append(settings.ACTION_KNOWN_HOSTS.read_text(encoding="utf-8"))
    # An empty list trusts nobody; None would trust everybody.
    return asyncssh.import_known_hosts("\n".join(lines) + "\n")


async def plain(connection: SSHClientConnection, words: tuple[str, ...], output: Output, around: Surroundings) -> int:
    """Run what only looks: no mark, and an end at the step's time."""
    process = await connection.create_process(shlex.join(words), encoding="utf-8", errors="replace")
    return await _followed(process, output, around, stop=None)


async def marked(
    connection: SSHClientConnection,
    words: tuple[str, ...],
    key: str,
    output: Output,
    stdin: str,
    around: Surroundings,
) -> int:
    mark = processes.mark_of(key)
    line = shlex.join(processes.shell_words(processes.START, mark, "", *words))
    process = await connection.create_process(line, encoding="utf-8", errors="replace")
    if stdin:
        process.stdin.write(stdin)
    process.stdin.write_eof()
    return await _followed(process, output, around, stop=lambda: _stop(connection, mark))


async def _followed(
    process: Any, output: Output, around: Surroundings, *, stop: Callable[[], Awaitable[str]] | None
) -> int:
    """Take the output until the end; told to stop, or out of time, stop it and say whether it is proved gone."""
    readers = [asyncio.create_task(_read(stream, output)) for stream in (process.stdout, process.stderr)]
    ends_at = asyncio.get_running_loop().time() + commands.seconds_left(around)
    ending = asyncio.create_task(process.wait_closed())
    try:
        while not ending.done():
            await asyncio.wait([ending], timeout=LOOK_EVERY_S)
            late = asyncio.get_running_loop().time() > ends_at
            if not ending.done() and (late or around.stopped()):
                word = await stop() if stop is not None else "gone"
                cause = "Its time was over" if late else "It was told to stop"
                raise Stopped(f"{cause}; {_of_stop(word)}.", confirmed=word == "gone")
        await asyncio.gather(*readers)
    finally:
        for task in (*readers, ending):
            task.cancel()
    if process.exit_status is None:
        raise Unknown("The connection ended before the command said how it ended.")
    return int(process.exit_status)


def _of_stop(word: str) -> str:
    if word == "gone":
        return "nothing of it runs there any more"
    return "stop not confirmed" + (f": processes {word.removeprefix('left ').strip()}" if word[:4] == "left" else "")


async def _read(stream: Any, output: Output) -> None:
    rest = ""
    while chunk := await stream.read(65_536):
        *lines, rest = (rest + chunk).split("\n")
        for line in lines:
            output.take(line)
        if len(rest) > LONGEST_LINE:
            output.take(rest)
            rest = ""
    output.take(rest)


async def _stop(connection: SSHClientConnection, mark: str) -> str:
    with suppress(Exception):  # whatever goes wrong, the stop is not confirmed
        line = shlex.join(processes.shell_words(processes.STOP, mark, ""))
        answer = await asyncio.wait_for(connection.run(line, check=False), 15)
        return str(answer.stdout or "").strip()
    return "unproved"


async def earlier(connection: SSHClientConnection, key: str, around: Surroundings) -> int | None:
    """Wait for what was started under `key`; return its exit status, None where that can't be known.

    Raises `Trouble` (passing) when it never started.
    """
    mark = processes.mark_of(key)
    ends_at = asyncio.get_running_loop().time() + commands.seconds_left(around)
    while True:
        answer = await connection.run(shlex.join(processes.shell_words(processes.LOOK, mark, "")), check=False)
        word = str(answer.stdout or "").strip()
        if word == "absent":
            raise Trouble("It was never started there.", passing=True)
        if word.startswith("ended "):
            return int(word.removeprefix("ended ") or 1)
        if word != "running":
            return None
        if around.stopped() or asyncio.get_running_loop().time() > ends_at:
            word = await _stop(connection, mark)
            raise Stopped(f"It was told to stop; {_of_stop(word)}.", confirmed=word == "gone")
        await asyncio.sleep(LOOK_EVERY_S * 3)
