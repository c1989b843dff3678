"""Wake the duties that have something to do, now rather than at their next look.

Threads of an engine in this process are woken at once. Engines elsewhere hear it through the broker. When nobody hears
it, the look that each duty takes at least every second (its `every_s`) finds the row.
"""

from __future__ import annotations

import threading
from typing import Final

import structlog
from django.db import transaction
from redis import Redis
from redis.exceptions import RedisError

from engine import broker

LISTEN_S: Final = 1
"""How long one wait for the broker lasts. A broker that answers nothing at all for twice as long is connected anew."""

log = structlog.get_logger(__name__)

_bells: dict[str, threading.Event] = {}


def bell(duty_name: str) -> threading.Event:
    """Return the event that rings when `duty_name` has something to do; asking for it makes this process ring it."""
    return _bells.setdefault(duty_name, threading.Event())


def after_commit(*duty_names: str) -> None:
    """Wake these duties once the current transaction has committed (at once without one). Never blocks or raises."""
    transaction.on_commit(lambda: wake(*duty_names))


def wake(*duty_names: str) -> None:
    """Wake these duties now: here if an engine runs here, else through the broker's thread."""
    elsewhere = []
    for name in duty_names:
        if name in _bells:
            _bells[name].set()
        else:
            elsewhere.append(name)
    if elsewhere:
        broker.publisher().wake(elsewhere)


class Listener(threading.Thread):
    """Rings the bells of this process for what other processes wrote to the broker."""

    def __init__(self, *, stopping: threading.Event) -> None:
        super().__init__(name="wake-listener", daemon=True)
        self._stopping = stopping
        self._lost = False

    def run(self) -> None:
        """Listen until stopping; a lost broker is tried again each second."""
        while not self._stopping.is_set():
            client = broker.connect(socket_s=2.0 * LISTEN_S)
            try:
                while not self._stopping.is_set():
                    self._listen(client)
            except (RedisError, OSError) as error:
                if not self._lost:
                    log.warning("wake_listener_lost_broker", error=str(error))
                self._lost = True
                self._stopping.wait(1.0)
            finally:
                client.close()

    def _listen(self, client: Redis) -> None:
        heard = client.blpop([broker.WAKE_KEY], timeout=LISTEN_S)
        if self._lost:
            log.info("wake_listener_back")
            self._lost = False
        if heard is None:
            return
        names = {heard[1], *(client.lpop(broker.WAKE_KEY, 100) or [])}
        for name in names:
            if name.decode() in _bells:
                _bells[name.decode()].set()
