"""How every carrier is reached: kept connections with hard time limits, and what it means when no answer comes."""

from __future__ import annotations

from typing import Final

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from notifications.channels.base import CALL_S, ChannelFailure, OutcomeUnknown, TemporaryFailure

KEPT: Final = 16
CONNECT_S: Final = 3.0


def kept_connections() -> urllib3.PoolManager:
    """Return a pool for all threads of a process: no retries, because a second call is ours to decide; `CALL_S` in
    all."""
    return urllib3.PoolManager(maxsize=KEPT, retries=False, timeout=urllib3.Timeout(total=CALL_S, connect=CONNECT_S))


def failure_to_answer(error: HTTPError, *, carrier: str, changes: bool) -> ChannelFailure:
    """Return what a request without an answer means. One that `changes` something there and may have left is
    `OutcomeUnknown`: the carrier may have called already."""
    reason = error.reason if isinstance(error, MaxRetryError) else error
    never_left = isinstance(reason, ConnectTimeoutError | NewConnectionError | SSLError)
    if changes and not never_left and isinstance(reason, ReadTimeoutError | ProtocolError):
        return OutcomeUnknown(f"{carrier} gave no answer; the message may have been made.", code="no_answer")
    return TemporaryFailure(f"{carrier} can't be reached ({type(reason).__name__}).", code="unreachable")
