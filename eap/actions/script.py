"""Run a script of the allowed folder on this machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from django.conf import settings
from pydantic import StringConstraints

from eap.actions import commands, processes
from eap.actions.base import Action, Effects, Preview, Result, Surroundings, Trouble, Unknown
from eap.actions.output import Output
from eap.actions.texts import with_secrets
from eap.actions.this_machine import earlier, followed, marks

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,59}$")]


class ScriptInputs(commands.Command):
    """Which script of ACTION_SCRIPTS_DIR, with which arguments. `env` and `stdin` may hold secrets, arguments never.

    The script sees PATH, LANG and `env`, nothing else of ours; with targets also MUSTER_TARGET and
    MUSTER_TARGET_ADDRESS, in a drill MUSTER_DRILL=1.
    """

    script: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
    arguments: commands.Words = ()
    env: Mapping[Variable, str] = {}
    dry_run: commands.Words = ()
    verify: commands.Words = ()
    undo: commands.Words = ()


class Script(Action[ScriptInputs]):
    """A script of ours, in a process group of its own. `dry_run`, `verify`, `undo` are other arguments for it."""

    name: ClassVar[str] = "script"
    title: ClassVar[str] = "Run a script of ours"
    inputs: ClassVar[type[ScriptInputs]] = ScriptInputs
    effects: ClassVar[Effects] = "once"
    can_undo: ClassVar[bool] = True

    def effects_of(self, inputs: ScriptInputs) -> Effects:
        """A script that says so of itself may be repeated."""
        return "idempotent" if inputs.repeatable else "once"

    def plan(self, inputs: ScriptInputs, around: Surroundings) -> Preview:
        """Run the script with `dry_run` as its arguments where given; else say what would run."""
        path = _allowed(inputs.script)
        if not inputs.dry_run:
            return Preview(sentence=f"Would run {commands.named((inputs.script, *inputs.arguments))} here.")
        output = Output(around.say)
        _run_here([str(path), *inputs.dry_run], inputs, output, around, mark="")
        return commands.read_preview(output, what=inputs.script, where="this machine")

    def apply(self, inputs: ScriptInputs, around: Surroundings) -> Result:
        """Run it. What this very step started before is waited for instead of started again."""
        return self._run(inputs, around, arguments=inputs.arguments, key=around.key)

    def verify(self, inputs: ScriptInputs, around: Surroundings) -> Result:
        """Run it with `verify` as its arguments; it holds when that ends well."""
        if not inputs.verify:
            return super().verify(inputs, around)
        output = Output(around.say)
        status = _run_here([str(_allowed(inputs.script)), *inputs.verify], inputs, output, around, mark="")
        return commands.read_end(status, output, inputs, what=inputs.script, where="this machine")

    def undo(self, inputs: ScriptInputs, around: Surroundings) -> Result:
        """Run it with the arguments that take it back: those of `undo`, else the call's own, as a plan's `undo:` is
        read."""
        return self._run(inputs, around, arguments=inputs.undo or inputs.arguments, key=f"{around.key}:undo")

    def resume(self, inputs: ScriptInputs, around: Surroundings) -> Result | None:
        """Wait for what an earlier try started on this machine; None when nobody here knows of it."""
        status = earlier(around.key, around)
        if status is None:
            return None
        return commands.read_end(status, Output(around.say), inputs, what=inputs.script, where="this machine")

    def _run(self, inputs: ScriptInputs, around: Surroundings, *, arguments: tuple[str, ...], key: str) -> Result:
        path = _allowed(inputs.script)
        mark = processes.mark_of(key)
        output = Output(around.say)
        words = processes.shell_words(processes.START, mark, str(marks()), str(path), *arguments)
        status = _run_here(words, inputs, output, around, mark=mark)
        if status == processes.STARTED_BEFORE and not output.last:
            around.say("This step started it before; waiting for that.")
            status_then = earlier(key, around)
            if status_then is None and inputs.repeatable and not key.endswith(":again"):
                return self._run(inputs, around, arguments=arguments, key=f"{key}:again")
            if status_then is None:
                raise Unknown(f"{inputs.script} was started before; how it ended is not known here.")
            status = status_then
        return commands.read_end(status, output, inputs, what=inputs.script, where="this machine")


def _allowed(name: str) -> Path:
    """Return the script's path; raises `Trouble` unless it is a plain file there that only its owner changes."""
    folder = Path(settings.ACTION_SCRIPTS_DIR)
    path = folder / name
    try:
        kept = os.lstat(path)
    except OSError as error:
        raise Trouble(f"There is no script {name} in ACTION_SCRIPTS_DIR ({folder}).") from error
    if not stat.S_ISREG(kept.st_mode):
        raise Trouble(f"{name} is no plain file; links are not followed.")
    if kept.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or folder.stat().st_mode & stat.S_IWOTH:
        raise Trouble(f"{name} or its folder can be changed by others; take that right away (chmod go-w).")
    if not os.access(path, os.X_OK):
        raise Trouble(f"{name} is not executable (chmod u+x).")
    return path


def _environment(inputs: ScriptInputs, around: Surroundings) -> dict[str, str]:
    env = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    env["HOME"] = str(marks())
    if around.drill:
        env["MUSTER_DRILL"] = "1"
    if around.target is not None:
        env |= {"MUSTER_TARGET": around.target.name, "MUSTER_TARGET_ADDRESS": around.target.address}
    return env | {name: with_secrets(value, around) for name, value in inputs.env.items()}


def _run_here(words: list[str], inputs: ScriptInputs, output: Output, around: Surroundings, *, mark: str) -> int:
    env, stdin = _environment(inputs, around), with_secrets(inputs.stdin, around)
    return followed(words, output, around, env=env, stdin=stdin, mark=mark)
