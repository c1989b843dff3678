"""Everything one running simulator holds: records, script, connections, tasks, and the journal behind them."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from simulator.clock import Clock
from simulator.contacts import read_contacts, read_lines
from simulator.journal import Journal
from simulator.phone.records import Conference, Recording
from simulator.provider.webhook import Webhooks
from simulator.records import Call, Hook, Mail, Message, Record, Request
from simulator.script import Script
from simulator.settings import Settings
from simulator.shelf import Bell, Shelf

log = logging.getLogger("simulator")

FLUSH_EVERY_S = 0.2


class Network:
    """Made inside a running event loop; `close` ends what it started. Not safe from other threads. `url` is where it
    listens, once it does."""

    def __init__(self, *, settings: Settings) -> None:
        self.settings = settings
        self.url = ""
        self.clock = Clock()
        self.bell = Bell()
        self.script = Script()
        self.webhooks = Webhooks(auth_token=settings.auth_token, clock=self.clock)
        self.journal = Journal(folder=settings.folder) if settings.folder else None
        self.calls: Shelf[Call] = self._shelf("call")
        self.messages: Shelf[Message] = self._shelf("message")
        self.mail: Shelf[Mail] = self._shelf("mail")
        self.hooks: Shelf[Hook] = self._shelf("hook")
        # Who is on the line, and what was recorded, ends with the simulator: every call does.
        self.conferences: Shelf[Conference] = Shelf(kind="conference", bell=self.bell)
        self.recordings: Shelf[Recording] = Shelf(kind="recording", bell=self.bell)
        self.requests: Shelf[Request] = Shelf(kind="request", bell=self.bell)
        self.contacts: dict[str, dict[str, str]] = {}
        self.lines: dict[str, dict[str, str]] = {}
        self.opted_out: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lasting: set[asyncio.Task[Any]] = set()
        self._closing = asyncio.Event()

    def _shelf(self, kind: str) -> Shelf[Any]:
        return Shelf(kind=kind, bell=self.bell, on_change=self._note)

    def _note(self, kind: str, record: Record | None) -> None:
        if self.journal is not None:
            self.journal.note(kind, record)

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs something beside the request that asked for it. What it raises is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    @property
    def under_way(self) -> int:
        """How many things go on beside requests: calls that ring or talk, callbacks that are being sent."""
        return len(self._tasks - self._lasting)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("A task of the simulator failed", exc_info=task.exception())

    def name_contacts(self, contacts: dict[str, dict[str, str]]) -> None:
        """Puts names beside numbers and mail addresses, for the page."""
        self.contacts.update(contacts)
        self.bell.ring()
        if self.journal is not None:
            self.journal.note_fact("contacts", self.contacts)

    def look_up_names(self) -> None:
        """Takes the names of the configured file as they stand there now."""
        if self.settings.contacts is not None:
            self.contacts.update(read_contacts(self.settings.contacts))
            self.lines = read_lines(self.settings.contacts)

    def opt_out(self, *, person: str, sender: str) -> None:
        """From now on messages from the sender to the person are refused (21610)."""
        self.opted_out.add((person, sender))
        self._keep_opt_outs()

    def opt_in(self, *, person: str, sender: str) -> None:
        self.opted_out.discard((person, sender))
        self._keep_opt_outs()

    def forget_opt_outs(self) -> None:
        self.opted_out.clear()
        self._keep_opt_outs()

    def _keep_opt_outs(self) -> None:
        if self.journal is not None:
            self.journal.note_fact("opted_out", sorted(self.opted_out))

    def restore(self) -> None:
        """Takes back what an earlier run kept."""
        if self.journal is None:
            return
        rows, facts = self.journal.read()
        kept: list[tuple[Shelf[Any], type[Record]]] = [
            (self.calls, Call),
            (self.messages, Message),
            (self.mail, Mail),
            (self.hooks, Hook),
        ]
        for shelf, record_class in kept:
            for row in rows.get(shelf.kind, []):
                shelf.restore(record_class.from_row(row))
        self.contacts = facts.get("contacts", {})
        self.opted_out = {(person, sender) for person, sender in facts.get("opted_out", [])}
        self._lasting.add(self.start(_flush_now_and_then(self.journal)))

    async def pause(self, seconds: float) -> None:
        """Holds an answer back as a script asks; cut short when the simulator ends."""
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), timeout=seconds)

    def release(self) -> None:
        """Lets go of everybody who waits for an answer, because the simulator is about to end."""
        self._closing.set()
        self.bell.close()

    async def close(self) -> None:
        self.release()
        for task in list(self._tasks):
            task.cancel()
        for task in list(self._tasks):
            with suppress(asyncio.CancelledError):
                await task
        await self.webhooks.close()
        if self.journal is not None:
            self.journal.close()


async def _flush_now_and_then(journal: Journal) -> None:
    while True:
        await asyncio.sleep(FLUSH_EVERY_S)
        journal.flush()
