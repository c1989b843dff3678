"""Records in memory, in the order of their last change, and the bell that rings when one changes."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from simulator.records import Record

R = TypeVar("R", bound=Record)

KEPT = 50_000


class Bell:
    """Counts changes over all shelves and wakes those who wait for the next one."""

    def __init__(self) -> None:
        self.seq = 0
        self.is_closed = False
        self._rung: asyncio.Future[None] | None = None

    def ring(self) -> int:
        """The number of the change that just happened."""
        self.seq += 1
        if self._rung is not None and not self._rung.done():
            self._rung.set_result(None)
        self._rung = None
        return self.seq

    async def wait(self, *, seconds: float) -> bool:
        """True as soon as anything changes, False after that many seconds without a change or when all ends."""
        if self.is_closed:
            return False
        if self._rung is None:
            self._rung = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(asyncio.shield(self._rung), timeout=max(0.0, seconds))
        except TimeoutError:
            return False
        return not self.is_closed

    def close(self) -> None:
        """The simulator ends: nobody is to wait any longer."""
        self.is_closed = True
        self.ring()


class Shelf(Generic[R]):
    """One kind of record. The oldest beyond KEPT leave; `on_change` hears of every put and (with None) of a clear."""

    def __init__(self, *, kind: str, bell: Bell, on_change: Callable[[str, R | None], None] | None = None) -> None:
        self.kind = kind
        self._bell = bell
        self._on_change = on_change
        self._records: dict[str, R] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    def get(self, sid: str) -> R | None:
        return self._records.get(sid)

    def put(self, record: R) -> R:
        """Keeps a new record, or marks a kept one as changed."""
        self._records.pop(record.sid, None)
        record.seq = self._bell.ring()
        self._records[record.sid] = record
        if len(self._records) > KEPT:
            del self._records[next(iter(self._records))]
        if self._on_change is not None:
            self._on_change(self.kind, record)
        return record

    def changed(self, record: R) -> None:
        """As `put`, but leaves alone what was cleared away in the meantime."""
        if record.sid in self._records:
            self.put(record)

    def remove(self, sid: str) -> None:
        if self._records.pop(sid, None) is not None:
            self._bell.ring()

    def clear(self) -> None:
        self._records.clear()
        self._bell.ring()
        if self._on_change is not None:
            self._on_change(self.kind, None)

    def restore(self, record: R) -> None:
        """Puts back what a journal kept, without writing it again."""
        record.seq = self._bell.ring()
        self._records[record.sid] = record

    def newest_first(self) -> list[R]:
        return sorted(self._records.values(), key=lambda record: record.received_at, reverse=True)

    def since(self, *, after: int, matches: Callable[[R], bool] = lambda _record: True) -> list[R]:
        """Matching records changed after that number, in the order they were received."""
        found: list[R] = []
        for record in reversed(self._records.values()):
            if record.seq <= after:
                break
            if matches(record):
                found.append(record)
        found.reverse()  # the sort keeps the order of those received in the same moment
        return sorted(found, key=lambda record: record.received_at)


def page_of(shelf: Shelf[Any], *, newest: int) -> list[dict[str, Any]]:
    """The newest records as items, oldest first."""
    return [record.public() for record in shelf.newest_first()[:newest]][::-1]
