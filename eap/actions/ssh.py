"""Run a command on a host by SSH, so that it can be found, stopped and proved dead there."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from django.conf import settings
from pydantic import Field, StringConstraints

from eap.actions import commands, processes
from eap.actions.base import Action, Effects, Host, Preview, Result, Stopped, Surroundings, Trouble, Unknown
from eap.actions.output import LONGEST_LINE, Output
from eap.actions.texts import with_secrets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncssh import SSHClientConnection

CONNECT_S = 10.0
LOOK_EVERY_S = 0.3
T = TypeVar("T")


class SshInputs(commands.Command):
    """Which command, as whom. `key` and `password` refer to secrets: `{secrets.deploy_key}`.

    Words reach the command as they are: nothing in them is read by a shell. Pipes need `[sh, -c, "…"]`.
    """

    command: Annotated[commands.Words, Field(min_length=1)]
    user: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")] = "root"
    port: Annotated[int, Field(ge=1, le=65_535)] = 22
    key: str = ""
    password: str = ""
    dry_run: commands.Words = ()
    verify: commands.Words = ()
    undo: commands.Words = ()


class Ssh(Action[SshInputs]):
    """`command` on each target. Its host key must be known: from the inventory (`host_key`) or ACTION_KNOWN_HOSTS."""

    name: ClassVar[str] = "ssh"
    title: ClassVar[str] = "Run a command by SSH"
    inputs: ClassVar[type[SshInputs]] = SshInputs
    effects: ClassVar[Effects] = "once"
    can_undo: ClassVar[bool] = True

    def effects_of(self, inputs: SshInputs) -> Effects:
        """A command that says so of itself may be repeated."""
        return "idempotent" if inputs.repeatable else "once"

    def plan(self, inputs: SshInputs, around: Surroundings) -> Preview:
        """Run `dry_run` where it is given; else say what would run where."""
        what = commands.named(inputs.command)
        if around.target is None:
            return Preview(sentence=f"Would run {what} on each host as {inputs.user}.")
        if not inputs.dry_run:
            return Preview(sentence=f"Would run {what} on {around.target.name} as {inputs.user}.", counts={"hosts": 1})
        output = Output(around.say)
        _connected(inputs, around, lambda connection: _plain(connection, inputs.dry_run, output, around))
        return commands.read_preview(output, what=what, where=around.target.name)

    def apply(self, inputs: SshInputs, around: Surroundings) -> Result:
        """Run the command. What this very step started before is waited for instead of started again."""
        return self._run(inputs, around, words=inputs.command, key=around.key)

    def verify(self, inputs: SshInputs, around: Surroundings) -> Result:
        """Run `verify`; it holds when it ends well."""
        if not inputs.verify:
            return super().verify(inputs, around)
        output = Output(around.say)
        status = _connected(inputs, around, lambda connection: _plain(connection, inputs.verify, output, around))
        what = commands.named(inputs.verify)
        return commands.read_end(status, output, inputs, what=what, where=_host(around).name)

    def undo(self, inputs: SshInputs, around: Surroundings) -> Result:
        """Run the command that takes it back: that of `undo`, else the call's own, as a plan's `undo:` is read."""
        return self._run(inputs, around, words=inputs.undo or inputs.command, key=f"{around.key}:undo")

    def resume(self, inputs: SshInputs, around: Surroundings) -> Result | None:
        """Wait for what an earlier try started, and read its end; None when the host can't tell how it ended."""
        output = Output(around.say)
        status = _connected(inputs, around, lambda connection: _earlier(connection, around.key, around))
        if status is None:
            return None
        what = commands.named(inputs.command)
        return commands.read_end(status, output, inputs, what=what, where=_host(around).name)

    def _run(self, inputs: SshInputs, around: Surroundings, *, words: tuple[str, ...], key: str) -> Result:
        what, where = commands.named(words), _host(around).name
        output, stdin = Output(around.say), with_secrets(inputs.stdin, around)
        status = _connected(inputs, around, lambda connection: _marked(connection, words, key, output, stdin, around))
        if status == processes.STARTED_BEFORE and not output.last:
            around.say("This step started it before; waiting for that.")
            earlier = _connected(inputs, around, lambda connection: _earlier(connection, key, around))
            if earlier is None and inputs.repeatable and not key.endswith(":again"):
                return self._run(inputs, around, words=words, key=f"{key}:again")
            if earlier is None:
                raise Unknown(f"{what} was started on {where} before; how it ended is not known there.")
            status = earlier
        return commands.read_end(status, output, inputs, what=what, where=where)


def _host(around: Surroundings) -> Host:
    if around.target is None:
        raise Trouble("The ssh action needs targets: say `targets` with hosts of the inventory.")
    return around.target


def _connected(inputs: SshInputs, around: Surroundings, use: Callable[[SSHClientConnection], Awaitable[T]]) -> T:
    """Connect, use the connection in an event loop of its own, and translate what goes wrong."""
    import asyncssh

    host = _host(around)

    async def go() -> T:
        async with _connection(inputs, around, host, proofs) as connection:
            return await use(connection)

    try:
        # Out here: secrets come from the database, which can't be asked inside an event loop.
        proofs = _proofs(inputs, around)
        return asyncio.run(go())
    except asyncssh.HostKeyNotVerifiable as error:
        raise Trouble(
            f"The host key of {host.name} is not known or not the known one. Put it into the inventory (host_key) or "
            "into the known hosts, after checking it."
        ) from error
    except asyncssh.PermissionDenied as error:
        raise Trouble(f"{host.name} refused the sign-in of {inputs.user}.") from error
    except (asyncssh.ConnectionLost, asyncssh.ChannelOpenError, asyncssh.DisconnectError) as error:
        raise Unknown(f"The connection to {host.name} was lost: {type(error).__name__}.") from error
    except (ValueError, asyncssh.Error) as error:
        raise Trouble(f"SSH to {host.name} failed: {type(error).__name__}.") from error


def _proofs(inputs: SshInputs, around: Surroundings) -> dict[str, Any]:
    """Return by what we sign in, as options of a connection."""
    import asyncssh

    proofs: dict[str, Any] = {"client_keys": None, "preferred_auth": "publickey"}
    if inputs.key:
        proofs["client_keys"] = [asyncssh.import_private_key(with_secrets(inputs.key, around).strip() + "\n")]
    if inputs.password:
        proofs |= {"password": with_secrets(inputs.password, around), "preferred_auth": "publickey,password"}
    return proofs


@asynccontextmanager
async def _connection(
    inputs: SshInputs, around: Surroundings, host: Host, proofs: Mapping[str, Any]
) -> AsyncIterator[SSHClientConnection]:
    import asyncssh

    port = int(host.variables.get("port") or inputs.port)
    try:
        connection = await asyncssh.connect(
            host.address,
            port,
            username=inputs.user,
            known_hosts=_known_hosts(host, port),
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


def _known_hosts(host: Host, port: int) -> Any:
    import asyncssh

    lines = []
    if key := host.variables.get("host_key"):
        lines = [f"{name} {key}" for name in (host.address, f"[{host.address}]:{port}")]
    with suppress(OSError):
        lines.append(settings.ACTION_KNOWN_HOSTS.read_text(encoding="utf-8"))
    # An empty list trusts nobody; None would trust everybody.
    return asyncssh.import_known_hosts("\n".join(lines) + "\n")


async def _plain(connection: SSHClientConnection, words: tuple[str, ...], output: Output, around: Surroundings) -> int:
    """Run what only looks: no mark, and an end at the step's time."""
    process = await connection.create_process(shlex.join(words), encoding="utf-8", errors="replace")
    return await _followed(process, output, around, stop=None)


async def _marked(
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


async def _earlier(connection: SSHClientConnection, key: str, around: Surroundings) -> int | None:
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
