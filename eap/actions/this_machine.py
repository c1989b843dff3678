"""Commands on this machine, run so that they can be found again, stopped and proved dead."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.conf import settings

from eap.actions import commands, processes
from eap.actions.base import Stopped, Surroundings, Unknown
from eap.actions.output import Output

LOOK_EVERY_S = 0.3


def marks() -> Path:
    """Return the folder where what runs here leaves its marks."""
    return Path(settings.VAR_DIR) / "actions"


def followed(
    words: list[str], output: Output, around: Surroundings, *, env: Mapping[str, str], stdin: str, mark: str
) -> int:
    """Run and take the output until the end; told to stop, or out of time, stop it and say whether it is gone.

    `stdin` is what it is given, secrets in place; `mark` is that of `processes.START`, "" for what only looks.
    """
    marks().mkdir(mode=0o700, parents=True, exist_ok=True)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    ends_at = time.monotonic() + commands.seconds_left(around)
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(env),
        cwd=marks(),
        start_new_session=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    # Threads that end with the pipes: a child left in the background may keep them open for long.
    threading.Thread(target=_write, args=(process.stdin, stdin), daemon=True).start()
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
            processes.shell_words(processes.STOP, mark, str(marks())), capture_output=True, text=True, check=False
        )
        word = answer.stdout.strip() or "unproved"
    process.kill()
    process.wait()
    cause = "Its time was over" if late else "It was told to stop"
    confirmed = word == "gone"
    return Stopped(
        f"{cause}; {'nothing of it runs any more' if confirmed else 'stop not confirmed'}.", confirmed=confirmed
    )


def earlier(key: str, around: Surroundings) -> int | None:
    ends_at = time.monotonic() + commands.seconds_left(around)
    words = processes.shell_words(processes.LOOK, processes.mark_of(key), str(marks()))
    while True:
        word = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
        if re.fullmatch(r"ended \d+", word):
            return int(word.removeprefix("ended "))
        if word != "running":
            return None  # absent, too: another machine may have started it
        if around.stopped() or time.monotonic() > ends_at:
            raise Unknown("An earlier try is still running.")
        time.sleep(LOOK_EVERY_S)
