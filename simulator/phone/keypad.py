"""The keys a person presses during a call, and how a Gather collects them."""

import asyncio
from collections import deque
from contextlib import suppress

SKIP = "w"


class Keypad:
    """Keys wait here until a Gather asks. `live` means that a person is at the phone and more keys may come;
    otherwise no key in store means no key at all, and nothing waits for a clock but `stays_s`: how long somebody
    scripted talks with others. `says` is what they say when something is recorded."""

    def __init__(self, *, keys: str = "", live: bool = False) -> None:
        self.live = live
        self.stays_s = 0.0
        self.says = ""
        self._keys: deque[str] = deque(keys)
        self._pressed = asyncio.Event()

    def press(self, keys: str) -> None:
        self._keys.extend(keys)
        self._pressed.set()

    async def collect(self, *, most: int | None, finish: str, timeout_s: float) -> tuple[str, str]:
        """Digits and the finishing key (each may be empty): ends at `most` digits, at the finishing key, or when no
        key came for that many seconds. A stored `w` lets this question pass unanswered."""
        digits = ""
        while most is None or len(digits) < most:
            key = await self._next(timeout_s)
            if key is None or key == SKIP:
                return digits, ""
            if finish and key in finish:
                return digits, key
            digits += key
        return digits, ""

    async def barge_in(self, *, within_s: float) -> None:
        """Returns when a key is in store, or after those seconds of speech."""
        if self.live and not self._keys:
            await self._wait(within_s)

    async def stay(self, over: asyncio.Event) -> None:
        """Talks with others until it is over; somebody scripted leaves after `stays_s`."""
        if self.live:
            await over.wait()
        elif self.stays_s:
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), timeout=self.stays_s)

    async def finish(self, *, keys: str, within_s: float) -> str:
        """The first of these keys that a live person presses, or "" after those seconds."""
        if not self.live:
            return ""
        digits, finished_by = await self.collect(most=None, finish=keys, timeout_s=within_s)
        return finished_by or digits[-1:]

    async def _next(self, timeout_s: float) -> str | None:
        if not self._keys and self.live:
            await self._wait(timeout_s)
        return self._keys.popleft() if self._keys else None

    async def _wait(self, seconds: float) -> None:
        self._pressed.clear()
        try:
            await asyncio.wait_for(self._pressed.wait(), timeout=seconds)
        except TimeoutError:
            return
