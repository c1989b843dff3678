"""Notices by text message, through the provider that pages go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final

from notifications.channels.base import Message, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.registry import channel as channel_of
from statuspage.models import Notice
from statuspage.subscribers.notices import Claimed, Verdict
from statuspage.subscribers.retry import next_try
from statuspage.subscribers.told import Told

AT_ONCE: Final = 8
"""Exchanges with the provider at the same time; pages have connections of their own process."""


def send(claimed: Sequence[Claimed], told: Told, now: datetime, deadline: float) -> list[Verdict]:  # noqa: ARG001
    """Send texts; return a verdict for each. A batch of 16 takes at most two rounds of 5 s."""
    # Made here: the pool's threads keep no database connection.
    texts = {language: told.text(language) for language in {each.language for each in claimed}}
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(claimed)), thread_name_prefix="status-sms") as pool:
        return list(pool.map(partial(_send_one, texts=texts, now=now), claimed))


def text(*, to: str, words: str, language: str, now: datetime) -> None:
    """Send one text. Raises as a channel does."""
    channel_of("sms").send(
        Message(
            # No delivery of a page: what the provider reports about it changes nothing there.
            delivery_id=0,
            fence=0,
            kind="notice",
            to=to,
            name="",
            headline="",
            sentence=words,
            language=language,
            sent_at=now,
        )
    )


def _send_one(each: Claimed, *, texts: Mapping[str, str], now: datetime) -> Verdict:
    due_at = next_try("sms", each.tries, now=now)
    try:
        text(to=each.address, words=texts[each.language], language=each.language, now=now)
    except PermanentFailure as failure:
        if failure.scope == "configuration":
            return _again(each, code=failure.code, due_at=due_at)
        return Verdict(
            id=each.id,
            fence=each.fence,
            state=Notice.State.FAILED,
            code=failure.code,
            refused=failure.scope == "address" and not failure.opted_out,
            owner_left=failure.opted_out,
        )
    except TemporaryFailure as failure:
        return _again(each, code=failure.code, due_at=due_at)
    except OutcomeUnknown as failure:
        # A text costs money and may be there: it is not sent again.
        return Verdict(id=each.id, fence=each.fence, state=Notice.State.UNKNOWN, code=failure.code)
    return Verdict(id=each.id, fence=each.fence, state=Notice.State.SENT)


def _again(each: Claimed, *, code: str, due_at: datetime | None) -> Verdict:
    state = Notice.State.PENDING if due_at else Notice.State.FAILED
    return Verdict(id=each.id, fence=each.fence, state=state, code=code, due_at=due_at)
