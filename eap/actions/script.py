"""Run a script of the allowed folder on this machine."""

from __future__ import annotations

import os
import queue
import re
import stat
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Annotated, ClassVar

from django.conf import settings
from pydantic import StringConstraints

from eap.actions import commands, processes
from eap.actions.base import Action, Effects, Preview, Result, Stopped, Surroundings, Trouble, Unknown
from eap.actions.output import Output
from eap.actions.texts import with_secrets

LOOK_EVERY_S = 0.3
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
        _followed([str(path), *inputs.dry_run], inputs, output, around, mark="")
        return commands.read_preview(output, what=inputs.script, where="this machine")

    def apply(self, inputs: ScriptInputs, around: Surroundings) -> Result:
        """Run it. What this very step started before is waited for instead of started again."""
        return self._run(inputs, around, arguments=inputs.arguments, key=around.key)

    def verify(self, inputs: ScriptInputs, around: Surroundings) -> Result:
        """Run it with `verify` as its arguments; it holds when that ends well."""
        if not inputs.verify:
            return super().verify(inputs, around)
        output = Output(around.say)
        status = _followed([str(_allowed(inputs.script)), *inputs.verify], inputs, output, around, mark="")
        return commands.read_end(status, output, inputs, what=inputs.script, where="this machine")

    def undo(self, inputs: ScriptInputs, around: Surroundings) -> Result:
        """Run it with the arguments that take it back: those of `undo`, else the call's own, as a plan's `undo:` is
        read."""
        return self._run(inputs, around, arguments=inputs.undo or inputs.arguments, key=f"{around.key}:undo")

    def resume(self, inputs: ScriptInputs, around: Surroundings) -> Result | None:
        """Wait for what an earlier try started on this machine; None when nobody here knows of it."""
        status = _earlier(around.key, around)
        if status is None:
            return None
        return commands.read_end(status, Output(around.say), inputs, what=inputs.script, where="this machine")

    def _run(self, inputs: ScriptInputs, around: Surroundings, *, arguments: tuple[str, ...], key: str) -> Result:
        path = _allowed(inputs.script)
        mark = processes.mark_of(key)
        output = Output(around.say)
        words = processes.shell_words(processes.START, mark, str(_marks()), str(path), *arguments)
        status = _followed(words, inputs, output, around, mark=mark)
        if status == processes.STARTED_BEFORE and not output.last:
            around.say("This step started it before; waiting for that.")
            earlier = _earlier(key, around)
            if earlier is None and inputs.repeatable and not key.endswith(":again"):
                return self._run(inputs, around, arguments=arguments, key=f"{key}:again")
            if earlier is None:
                raise Unknown(f"{inputs.script} was started before; how it ended is not known here.")
            status = earlier
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


def _marks() -> Path:
    return Path(settings.VAR_DIR) / "actions"


def _environment(inputs: ScriptInputs, around: Surroundings) -> dict[str, str]:
    env = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    env["HOME"] = str(_marks())
    if around.drill:
        env["MUSTER_DRILL"] = "1"
    if around.target is not None:
        env |= {"MUSTER_TARGET": around.target.name, "MUSTER_TARGET_ADDRESS": around.target.address}
    return env | {name: with_secrets(value, around) for name, value in inputs.env.items()}


def _followed(words: list[str], inputs: ScriptInputs, output: Output, around: Surroundings, *, mark: str) -> int:
    """Run and take the output until the end; told to stop, or out of time, stop it and say whether it is gone."""
    _marks().mkdir(mode=0o700, parents=True, exist_ok=True)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    ends_at = time.monotonic() + commands.seconds_left(around)
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(inputs, around),
        cwd=_marks(),
        start_new_session=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    text = with_secrets(inputs.stdin, around)
    # Threads that end with the pipes: a child left in the background may keep them open for long.
    threading.Thread(target=_write, args=(process.stdin, text), daemon=True).start()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=LOOK_EVERY_S)
        except queue.Empty:
            if process.poll() is not None:
                return process.wait()
            line = ""
        if line is None:
            return process.wait()
        output.take(line)
        late = time.monotonic() > ends_at
        if late or around.stopped():
            raise _stopped(process, mark, late=late)


def _write(pipe: IO[str], text: str) -> None:
    # It may not read what it was given; its exit status says what it thinks of that.
    with suppress(OSError), pipe:
        pipe.write(text)


def _read(pipe: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    with pipe:
        for line in iter(lambda: pipe.readline(65_536), ""):
            lines.put(line)
    lines.put(None)


def _stopped(process: subprocess.Popen[str], mark: str, *, late: bool) -> Stopped:
    word = "gone"
    if mark:
        answer = subprocess.run(
            processes.shell_words(processes.STOP, mark, str(_marks())), capture_output=True, text=True, check=False
        )
        word = answer.stdout.strip() or "unproved"
    process.kill()
    process.wait()
    cause = "Its time was over" if late else "It was told to stop"
    confirmed = word == "gone"
    return Stopped(
        f"{cause}; {'nothing of it runs any more' if confirmed else 'stop not confirmed'}.", confirmed=confirmed
    )


def _earlier(key: str, around: Surroundings) -> int | None:
    ends_at = time.monotonic() + commands.seconds_left(around)
    words = processes.shell_words(processes.LOOK, processes.mark_of(key), str(_marks()))
    while True:
        word = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
        if re.fullmatch(r"ended \d+", word):
            return int(word.removeprefix("ended "))
        if word != "running":
            return None  # absent, too: another machine may have started it
        if around.stopped() or time.monotonic() > ends_at:
            raise Unknown("An earlier try is still running.")
        time.sleep(LOOK_EVERY_S)
