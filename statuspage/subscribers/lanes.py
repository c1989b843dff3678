"""How many threads of one process send a channel's notices at the same time, and how one of them goes about it.

A worker has eight threads for `chat` and `bulk`: these lanes leave some free whatever is under way, and one that finds
the mail server away is over at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Final

from django.db import close_old_connections

from engine import broker, clock
from statuspage.models import Subscriber
from statuspage.subscribers.sending import send_batch

TASK: Final = "statuspage.send_notices"
QUEUE: Final = "bulk"
LANES: Final[Mapping[str, int]] = {
    Subscriber.Channel.EMAIL: 4,
    Subscriber.Channel.SMS: 1,
    Subscriber.Channel.WEBHOOK: 1,
}
TURN_S: Final = 10.0
"""After this a thread goes back to the queue, so that others have a turn."""

_free: Final = {channel: threading.BoundedSemaphore(lanes) for channel, lanes in LANES.items()}


def hand_over(mailing_id: int, channel: str) -> None:
    """Ask workers to send what is due of a mailing by one channel. Never blocks; what gets lost is asked for again."""
    broker.hand_over(TASK, [f"{mailing_id}:{channel}"] * LANES[channel], QUEUE)


def take_turn(mailing_id: int, channel: str) -> int:
    """Send batches of a mailing until nothing is due or the turn is over; return how many notices were taken.

    Takes none when all lanes of the channel are busy in this process: they do it.
    """
    lane = _free.get(channel)
    if lane is None or not lane.acquire(blocking=False):
        return 0
    taken, until = 0, time.monotonic() + TURN_S
    try:
        close_old_connections()
        while time.monotonic() < until:
            batch = send_batch(mailing_id=mailing_id, channel=channel, now=clock.now())
            if not batch:
                return taken
            taken += batch
    finally:
        lane.release()
    broker.hand_over(TASK, [f"{mailing_id}:{channel}"], QUEUE)
    return taken
