"""One `LISTEN` connection for a whole process, and who among the open screens hears what."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import psycopg

from web.wire import CHANNEL

CALM_S: Final = 5.0
"""A connection that says nothing is asked after this long whether it still lives."""
LONGEST_PAUSE_S: Final = 5.0


class Subscriber:
    """One open screen: the newest version of each of its subjects that it has not been sent yet.

    Only the newest counts, so what waits for a slow screen never exceeds the subjects it asked for.
    """

    def __init__(self, subjects: Iterable[str]) -> None:
        self.subjects = frozenset(subjects)
        self._news: dict[str, int] = {}
        self._something = asyncio.Event()

    def tell(self, subject: str, version: int) -> None:
        """Note that `subject` changed."""
        self._news[subject] = version
        self._something.set()

    async def news(self, *, within_s: float) -> dict[str, int]:
        """Return what changed since the last call; empty when nothing did for `within_s` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._something.wait()
        self._something.clear()
        news, self._news = self._news, {}
        return news


class Fanout:
    """Listens while somebody is subscribed, reconnects for ever, and hands each note to those who asked for it."""

    def __init__(self, *, dsn: str) -> None:
        self._dsn = dsn
        self._by_subject: dict[str, set[Subscriber]] = {}
        self._task: asyncio.Task[None] | None = None
        self.count = 0
        self.listening = False

    def add(self, subscriber: Subscriber) -> None:
        """Let `subscriber` hear its subjects from now on; starts listening with the first one."""
        for subject in subscriber.subjects:
            self._by_subject.setdefault(subject, set()).add(subscriber)
        self.count += 1
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="live-listener")

    def remove(self, subscriber: Subscriber) -> None:
        """Forget `subscriber`."""
        for subject in subscriber.subjects:
            others = self._by_subject[subject]
            others.discard(subscriber)
            if not others:
                del self._by_subject[subject]
        self.count -= 1

    async def stop(self) -> None:
        """Close the connection."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen(self) -> None:
        pause_s = 0.2
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._dsn,
                    autocommit=True,
                    connect_timeout=3,
                    application_name="muster-stream",
                    keepalives_idle=10,
                    keepalives_interval=5,
                    keepalives_count=2,
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    # What was said while nobody listened is unknown: everybody fetches once.
                    self._tell_all()
                    self.listening = True
                    pause_s = 0.2
                    await self._hear(connection)
            except (psycopg.Error, OSError, TimeoutError):
                self.listening = False
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _hear(self, connection: psycopg.AsyncConnection) -> None:
        while True:
            async for note in connection.notifies(timeout=CALM_S):
                self._tell(note.payload)
            async with asyncio.timeout(CALM_S):
                await connection.execute("SELECT 1")

    def _tell(self, payload: str) -> None:
        try:
            note = json.loads(payload)
            subject, version = str(note["subject"]), int(note["version"])
        except (ValueError, KeyError, TypeError):
            return  # somebody else's note on our channel
        for subscriber in self._by_subject.get(subject, ()):
            subscriber.tell(subject, version)

    def _tell_all(self) -> None:
        version = time.time_ns() // 1_000_000
        for subject, subscribers in self._by_subject.items():
            for subscriber in subscribers:
                subscriber.tell(subject, version)
