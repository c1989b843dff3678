"""Notices by webhook: Statuspage's payloads as they are, our signature in headers beside them."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final

from notifications.channels.base import ChannelFailure, OutcomeUnknown, PermanentFailure
from notifications.outbound import resolve
from notifications.signing import signature
from statuspage.models import Notice
from statuspage.subscribers import tokens
from statuspage.subscribers.hook_body import HookBodies
from statuspage.subscribers.hook_post import post
from statuspage.subscribers.notices import Claimed, Verdict
from statuspage.subscribers.retry import next_try
from statuspage.subscribers.told import Told
from statuspage.subscribers.update_mail import REPEATED, link

AT_ONCE: Final = 16
AT_ONE_HOST: Final = 2
"""A server that many subscribers share is not flooded."""
GONE: Final = 410


def send(claimed: Sequence[Claimed], told: Told, now: datetime, deadline: float) -> list[Verdict]:
    """Post to webhooks; return a verdict for each. What is not begun by `deadline` comes back untried."""
    hosts: defaultdict[str, threading.Semaphore] = defaultdict(partial(threading.Semaphore, AT_ONE_HOST))
    for each in claimed:
        hosts[each.address.partition("://")[2].partition("/")[0]]
    # Made here: the pool's threads keep no database connection.
    bodies = told.hooks()
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(claimed)), thread_name_prefix="status-hook") as pool:
        return list(pool.map(partial(_send_one, bodies=bodies, now=now, deadline=deadline, hosts=hosts), claimed))


def _send_one(
    each: Claimed, *, bodies: HookBodies, now: datetime, deadline: float, hosts: dict[str, threading.Semaphore]
) -> Verdict:
    with hosts[each.address.partition("://")[2].partition("/")[0]]:
        if time.monotonic() >= deadline:
            return Verdict(id=each.id, fence=each.fence, state=Notice.State.PENDING, code="no_time", undone=True)
        try:
            status = _post_all(each, bodies=bodies, now=now)
        except ChannelFailure as failure:
            wrong = isinstance(failure, PermanentFailure)
            repeated = isinstance(failure, OutcomeUnknown)
            return _failed(each, code=failure.code, now=now, for_good=wrong, repeated=repeated)
    if 200 <= status < 300:
        return Verdict(id=each.id, fence=each.fence, state=Notice.State.SENT, code=str(status))
    if status == GONE:
        return Verdict(id=each.id, fence=each.fence, state=Notice.State.FAILED, code=str(status), owner_left=True)
    return _failed(each, code=str(status), now=now, for_good=False, repeated=True)


def _post_all(each: Claimed, *, bodies: HookBodies, now: datetime) -> int:
    """Post the incident and then each changed component; return the first status that is no success, or the last.

    A try that failed in between begins anew: ids in the payloads are the same, so a receiver knows them again.
    """
    target = resolve(each.address)
    status = 200
    unsubscribe = link("unsubscribe", tokens.sign("unsubscribe", each.subscriber_id))
    for body in bodies.for_receiver(unsubscribe=unsubscribe):
        timestamp = int(now.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Muster",
            "Muster-Delivery": str(each.id),
            "Muster-Timestamp": str(timestamp),
            "Muster-Signature": signature(secret=each.secret, timestamp=timestamp, body=body),
            **({REPEATED: "1"} if each.repeated else {}),
        }
        status = post(target, body, headers)
        if not 200 <= status < 300:
            break
    return status


def _failed(each: Claimed, *, code: str, now: datetime, for_good: bool, repeated: bool) -> Verdict:
    due_at = None if for_good else next_try("webhook", each.tries, now=now)
    state = Notice.State.PENDING if due_at else Notice.State.FAILED
    return Verdict(
        id=each.id, fence=each.fence, state=state, code=code, due_at=due_at, repeated=repeated, refused=due_at is None
    )
