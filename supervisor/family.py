"""All children of one supervisor: starting, reading what they say, restarting, ending them."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

from supervisor.child import Child, Command, how_it_ended
from supervisor.errors import StartRefused
from supervisor.journal import Journal
from supervisor.spawn import signal_group

WARDEN: Final = Path(__file__).with_name("warden.py")
LONGEST_LINE: Final = 64 * 1024
IDLE_S: Final = 60.0


class StopRequested(Exception):
    """A signal asked us to end; its name is the message."""


class Family:
    """One thread, one loop: children die with the thread that started them, so everything happens in the main one."""

    def __init__(self, journal: Journal, *, changed: Callable[[], None] = lambda: None) -> None:
        self.children: list[Child] = []
        self.stopped_by: signal.Signals | None = None
        self.changed = changed
        self._journal = journal
        self._selector = selectors.DefaultSelector()
        self._warden = self._start_warden()
        reading, self._wake = os.pipe()
        for end in (reading, self._wake):
            os.set_blocking(end, False)
        self._selector.register(reading, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # nohup ignores SIGHUP so that we live on without the terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._stop_requested)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake the loop

    def start(self, command: Command) -> Child:
        """Start a child that is kept running."""
        child = Child(command=command)
        self.children.append(child)
        self._launch(child)
        return child

    def pids(self) -> dict[str, list[int]]:
        """Return the process numbers of the children that run now, by kind."""
        found: dict[str, list[int]] = {}
        for child in self.children:
            found.setdefault(child.command.kind, []).extend([child.process.pid] if child.process else [])
        return found

    def wait_until(self, is_so: Callable[[], bool], *, what: str, patience_s: float) -> None:
        """Keep the family going until `is_so`; raises StartRefused after `patience_s` and StopRequested."""
        deadline = time.monotonic() + patience_s
        while not is_so():
            if time.monotonic() > deadline:
                raise StartRefused(f"{what} took more than {patience_s:.0f} s. The lines above say why.")
            self.turn(longest_s=0.05)

    def wait_for_ever(self) -> NoReturn:
        """Keep the family going; ends only by StopRequested."""
        while True:
            self.turn(longest_s=IDLE_S)

    def finish(self, commands: list[Command]) -> None:
        """Run commands that end by themselves side by side; raises StartRefused when one fails."""
        running = [Child(command=command) for command in commands]
        for child in running:
            process = child.start(now=time.monotonic())
            self._watch(child, process)
        try:
            while any(child.process and child.process.poll() is None for child in running):
                self.turn(longest_s=0.5)
        finally:
            for child in running:
                if child.process:
                    self._bury(child, child.process)
        for child in running:
            if child.process and child.process.returncode != 0:
                raise StartRefused(f"{child.command.name} {how_it_ended(child.process.returncode)}: see above.")

    def turn(self, *, longest_s: float) -> None:
        """Go round once: pass on what was said, notice who ended, start who is due; waits at most `longest_s`."""
        if self.stopped_by:
            raise StopRequested(self.stopped_by.name)
        now = time.monotonic()
        due = [child.due_at for child in self.children if child.due_at is not None]
        self._listen(max(0.0, min([longest_s, *(at - now for at in due)])))
        self._notice_ends()
        now = time.monotonic()
        for child in self.children:
            if child.due_at is not None and child.due_at <= now and not self.stopped_by:
                self._launch(child)

    def stop(self, kinds: tuple[str, ...], *, patience_s: float) -> None:
        """End the children of `kinds` together; after `patience_s` seconds what is left of them is killed."""
        leaving = [child for child in self.children if child.command.kind in kinds]
        for child in leaving:
            child.due_at = None
            if child.process:
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(child.command.stop_signal)
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and any(c.process and c.process.poll() is None for c in leaving):
            self._listen(0.05)
        for child in leaving:
            if child.process:
                if child.process.poll() is None:
                    self._journal.line("muster", f"{child.command.name} did not end in time and is killed")
                self._bury(child, child.process)
        self.children = [child for child in self.children if child not in leaving]

    def close(self) -> None:
        """Let the warden go; every child must have ended."""
        if self._warden.stdin:
            self._warden.stdin.close()
        self._warden.wait()

    def _launch(self, child: Child) -> None:
        self._watch(child, child.start(now=time.monotonic()))
        self.changed()

    def _watch(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        self._tell_warden(f"watch {process.pid} {int(child.command.death_signal)}")
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, child)

    def _bury(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        """Kill what a child leaves behind, read its last words, forget it."""
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
        self._tell_warden(f"forget {process.pid}")
        if process.stdout and not process.stdout.closed:
            self._read(child, process.stdout.fileno())
            with contextlib.suppress(KeyError):
                self._selector.unregister(process.stdout)
            process.stdout.close()

    def _notice_ends(self) -> None:
        if self._warden.poll() is not None:
            self._warden = self._start_warden()
            for child in self.children:
                if child.process:
                    self._tell_warden(f"watch {child.process.pid} {int(child.command.death_signal)}")
        for child in self.children:
            process = child.process
            if process and process.poll() is not None:
                self._bury(child, process)
                pause = child.ended(now=time.monotonic())
                ending = how_it_ended(process.returncode)
                self._journal.line("muster", f"{child.command.name} {ending}; starting it again in {pause:.1f} s")
                self.changed()

    def _listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Child):
                if self._read(key.data, key.fd):
                    self._selector.unregister(key.fileobj)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 4096)

    def _read(self, child: Child, descriptor: int) -> bool:
        """Pass on whole lines, and one without an end when it grows too long or its writer ended; tell of that end."""
        ended = False
        with contextlib.suppress(BlockingIOError):
            while not ended and len(child.unfinished_line) < LONGEST_LINE:
                chunk = os.read(descriptor, LONGEST_LINE)
                child.unfinished_line += chunk
                ended = not chunk
        *lines, rest = child.unfinished_line.split(b"\n")
        if (ended or len(rest) >= LONGEST_LINE) and rest:
            lines, rest = [*lines, rest], b""
        child.unfinished_line = rest
        for line in lines:
            self._journal.line(child.command.name, line.decode(errors="replace").rstrip())
        return ended

    def _start_warden(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(WARDEN)], stdin=subprocess.PIPE, cwd="/", start_new_session=True
        )

    def _tell_warden(self, words: str) -> None:
        # A warden that was just killed is noticed in the next turn, and its successor is told everything.
        with contextlib.suppress(BrokenPipeError):
            if self._warden.stdin:
                self._warden.stdin.write(words.encode() + b"\n")
                self._warden.stdin.flush()

    def _stop_requested(self, number: int, _frame: object) -> None:
        self.stopped_by = signal.Signals(number)
