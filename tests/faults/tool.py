"""A monitoring tool: posts events and, as tools do, posts again what was not accepted."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from bench.company import PREFIX

PAUSE_S: Final = 0.2
GIVES_UP_S: Final = 60.0
CLIENTS: Final = 4


@dataclass
class Tool:
    """Posts to `/v2/enqueue`. `answers` are status and seconds of each exchange, status 0 where there was no answer;
    `accepted` are the moments (`time.time()`) of the 202 by dedup key."""

    url: str
    routing_key: str
    answers: list[tuple[int, float]] = field(default_factory=list)
    accepted: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def post(self, key: str, *, service: int) -> int:
        """Post one event once; return the status, 0 where the connection failed."""
        began = time.monotonic()
        try:
            status = self._http.post("/v2/enqueue", json=self._event(key, service)).status_code
        except httpx.TransportError:
            status = 0
        self.answers.append((status, time.monotonic() - began))
        if status == 202:
            self.accepted.setdefault(key, time.time())
        return status

    def insist(self, key: str, *, service: int) -> None:
        """Post one event until it is accepted, again on connection errors and 5xx; anything else is a failure."""
        deadline = time.monotonic() + GIVES_UP_S
        while (status := self.post(key, service=service)) != 202:
            assert status == 0 or status >= 500, f"{key} was answered {status}"
            assert time.monotonic() < deadline, f"{key} was not accepted within {GIVES_UP_S} s"
            time.sleep(PAUSE_S)

    def begin(self, prefix: str, *, services: Sequence[int], over_s: float) -> Posting:
        """Start posting one event for each service, evenly spread over so many seconds, by several clients."""
        return Posting(self, [(f"{prefix}-{number}", number) for number in services], over_s=over_s)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _event(self, key: str, service: int) -> dict[str, Any]:
        payload = {"summary": f"Fault {key}", "source": "faults", "severity": "error"}
        return {
            "routing_key": self.routing_key,
            "event_action": "trigger",
            "dedup_key": key,
            "payload": {**payload, "component": f"{PREFIX}{service}"},
        }


class Posting:
    """Events on their way, from threads of their own."""

    def __init__(self, tool: Tool, events: Sequence[tuple[str, int]], *, over_s: float) -> None:
        self._tool, self._events = tool, events
        self._pause_s = over_s * CLIENTS / len(events)
        self._trouble: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=[part]) for part in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def all_accepted(self) -> None:
        """Wait until every event is accepted; fail where one is not."""
        for thread in self._threads:
            thread.join()
        assert not self._trouble, self._trouble

    def _run(self, part: int) -> None:
        try:
            for key, service in self._events[part::CLIENTS]:
                self._tool.insist(key, service=service)
                time.sleep(self._pause_s)
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            self._trouble.append(error)
