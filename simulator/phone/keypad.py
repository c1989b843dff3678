"""The keys a person presses during a call, and how a Gather collects them."""

import asyncio
from collections import deque

SKIP = "w"


class Keypad:
    """Keys wait here until a Gather asks. `live` means that a person is at the phone and more keys may come;
    otherwise no key in store means no key at all, and nothing waits for a clock."""

    def __init__(self, *, keys: str = "", live: bool = False) -> None:
        self.live = live
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
