"""Run a command on a host by SSH, so that it can be found, stopped and proved dead there."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from eap.actions import commands, processes
from eap.actions.base import Action, Effects, Preview, Result, Surroundings, Unknown
from eap.actions.output import Output
from eap.actions.ssh_connection import connected, earlier, marked, plain, target_of
from eap.actions.texts import with_secrets


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
        connected(inputs, around, lambda connection: plain(connection, inputs.dry_run, output, around))
        return commands.read_preview(output, what=what, where=around.target.name)

    def apply(self, inputs: SshInputs, around: Surroundings) -> Result:
        """Run the command. What this very step started before is waited for instead of started again."""
        return self._run(inputs, around, words=inputs.command, key=around.key)

    def verify(self, inputs: SshInputs, around: Surroundings) -> Result:
        """Run `verify`; it holds when it ends well."""
        if not inputs.verify:
            return super().verify(inputs, around)
        output = Output(around.say)
        status = connected(inputs, around, lambda connection: plain(connection, inputs.verify, output, around))
        what = commands.named(inputs.verify)
        return commands.read_end(status, output, inputs, what=what, where=target_of(around).name)

    def undo(self, inputs: SshInputs, around: Surroundings) -> Result:
        """Run the command that takes it back: that of `undo`, else the call's own, as a plan's `undo:` is read."""
        return self._run(inputs, around, words=inputs.undo or inputs.command, key=f"{around.key}:undo")

    def resume(self, inputs: SshInputs, around: Surroundings) -> Result | None:
        """Wait for what an earlier try started, and read its end; None when the host can't tell how it ended."""
        output = Output(around.say)
        status = connected(inputs, around, lambda connection: earlier(connection, around.key, around))
        if status is None:
            return None
        what = commands.named(inputs.command)
        return commands.read_end(status, output, inputs, what=what, where=target_of(around).name)

    def _run(self, inputs: SshInputs, around: Surroundings, *, words: tuple[str, ...], key: str) -> Result:
        what, where = commands.named(words), target_of(around).name
        output, stdin = Output(around.say), with_secrets(inputs.stdin, around)
        status = connected(inputs, around, lambda connection: marked(connection, words, key, output, stdin, around))
        if status == processes.STARTED_BEFORE and not output.last:
            around.say("This step started it before; waiting for that.")
            status_then = connected(inputs, around, lambda connection: earlier(connection, key, around))
            if status_then is None and inputs.repeatable and not key.endswith(":again"):
                return self._run(inputs, around, words=words, key=f"{key}:again")
            if status_then is None:
                raise Unknown(f"{what} was started on {where} before; how it ended is not known there.")
            status = status_then
        return commands.read_end(status, output, inputs, what=what, where=where)
