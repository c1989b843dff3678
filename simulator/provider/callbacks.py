"""Status callbacks of one call or message: one after the other, unless a script wants them otherwise."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple

from simulator.provider.webhook import Webhooks
from simulator.records import Exchange
from simulator.script import Behaviour

Starter = Callable[[Coroutine[Any, Any, None]], object]


class Callback(NamedTuple):
    event: str
    url: str
    params: Mapping[str, str]


class CallbackLine:
    """Sends callbacks in order by default; late, doubled, reordered (last first) or not at all by behaviour."""

    def __init__(
        self,
        *,
        webhooks: Webhooks,
        behaviour: Behaviour,
        url: str,
        method: str,
        log: list[Exchange],
        on_sent: Callable[[], None],
        start: Starter,
    ) -> None:
        self._webhooks = webhooks
        self._behaviour = behaviour
        self._url = url
        self._method = method
        self._log = log
        self._on_sent = on_sent
        self._start = start
        self._waiting: list[Callback] = []
        self._sending = False

    def add(self, *, event: str, params: Mapping[str, str], last: bool, url: str = "") -> None:
        """Queues one callback, to its own address where it has one; returns at once. `last`: no other follows."""
        target = url or self._url
        if not target or "dropped" in self._behaviour.callbacks:
            return
        times = 2 if "doubled" in self._behaviour.callbacks else 1
        self._waiting += [Callback(event, target, dict(params))] * times
        if "reordered" in self._behaviour.callbacks:
            if not last:
                return
            self._waiting.reverse()
        if not self._sending:
            self._sending = True
            self._start(self._send_waiting())

    async def _send_waiting(self) -> None:
        try:
            while self._waiting:
                callback = self._waiting.pop(0)
                if "late" in self._behaviour.callbacks:
                    await asyncio.sleep(self._behaviour.callback_delay_s)
                await self._webhooks.tell(
                    url=callback.url,
                    method=self._method,
                    params=callback.params,
                    event=callback.event,
                    log=self._log,
                )
                self._on_sent()
        finally:
            self._sending = False
