"""A program that may be called again at any time, over SSH or here: one at a time, found again, stopped with proof."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from eap.actions import processes
from eap.actions.base import Stopped, Surroundings, Unknown
from eap.actions.output import Output
from eap.actions.ssh_connection import SignIn, connected, earlier, marked
from eap.actions.this_machine import earlier as earlier_here
from eap.actions.this_machine import followed, marks

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection

FORGET: Final = r"""
mark=$1 dir=${2:-${HOME:-/tmp}/.muster}; file=$dir/$mark
rm -f -- "$file.started" "$file.session" "$file.status" "$file.ending"
"""
"""Arguments: mark, folder. What has ended may be started again under the same mark."""
BEFORE: Final = "This step was begun before; what of it still runs is waited for."


def run_on_host(words: Sequence[str], stdin: str, sign_in: SignIn, output: Output, around: Surroundings) -> int:
    """Run a program on the target by SSH and return its exit status. An earlier try that still runs is waited for.

    Raises `Trouble` as the ssh action does, `Unknown` when the line breaks, `Stopped` with its proof.
    """

    async def go(connection: SSHClientConnection) -> int:
        status = await marked(connection, tuple(words), around.key, output, stdin, around)
        if status == processes.STARTED_BEFORE and not output.last:
            around.say(BEFORE)
            await earlier(connection, around.key, around)
            forget = processes.shell_words(FORGET, processes.mark_of(around.key), "")
            await connection.run(shlex.join(forget), check=False)
            status = await marked(connection, tuple(words), around.key, output, stdin, around)
        return status

    return connected(sign_in, around, go)


def run_here(words: Sequence[str], stdin: str, output: Output, around: Surroundings) -> int:
    """Run a program on this machine, in the same way."""
    mark, folder = processes.mark_of(around.key), str(marks())
    line = processes.shell_words(processes.START, mark, folder, *words)
    status = followed(line, output, around, env=_environment(), stdin=stdin, mark=mark)
    if status == processes.STARTED_BEFORE and not output.last:
        around.say(BEFORE)
        _wait_here(around)
        subprocess.run(processes.shell_words(FORGET, mark, folder), check=False)
        status = followed(line, output, around, env=_environment(), stdin=stdin, mark=mark)
    return status


def _wait_here(around: Surroundings) -> None:
    ends_at = time.monotonic() + around.timeout_s
    while time.monotonic() < ends_at:
        try:
            earlier_here(around.key, around)
        except Unknown:
            if around.stopped():
                raise _stopped_here(around) from None
            continue
        return


def _stopped_here(around: Surroundings) -> Stopped:
    words = processes.shell_words(processes.STOP, processes.mark_of(around.key), str(marks()))
    said = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    gone = said == "gone"
    sentence = f"It was told to stop; {'nothing of it runs any more' if gone else 'stop not confirmed'}."
    return Stopped(sentence, confirmed=gone)


def _environment() -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
    return {"HOME": str(marks()), **kept}
