"""One notification by Apprise's library, which says only yes or no: in a thread, with an end, and its words read."""

from __future__ import annotations

import importlib.util
import logging
import re
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import structlog

from notifications.channels.base import CALL_S, ChannelFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from apprise import NotifyBase

CONNECT_S: Final = 3.0
READ_S: Final = 4.0
MOST_AT_ONCE: Final = 8
"""Notifications under way in one process. A service that hangs keeps its place until it gives up by itself."""
GONE: Final = frozenset({401, 403, 404, 410})
"""What nearly every service answers to a key, a room or a device that is not there (any more)."""
_STATUS: Final = re.compile(r"\berror=(\d{3})\b")

log = structlog.get_logger(__name__)
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


@dataclass
class _Attempt:
    """What became of one notification: `taken` is None until the library has answered."""

    done: threading.Event = field(default_factory=threading.Event)
    taken: bool | None = None
    statuses: list[int] = field(default_factory=list)
    raised: str = ""


def is_installed() -> bool:
    """Tell whether the library is there; it is an extra."""
    return importlib.util.find_spec("apprise") is not None


def service_of(url: str) -> NotifyBase | None:
    """Return the service that an address names, None when the library does not understand it. No network."""
    import apprise

    found: Any = apprise.Apprise.instantiate(url, asset=_asset(), suppress_exceptions=True)
    if not isinstance(found, apprise.NotifyBase):
        return None
    # Whatever the address asks for: one try, and nowhere that another server sends us.
    found.redirects = False
    found.retry = 0
    found.socket_connect_timeout, found.socket_read_timeout = CONNECT_S, READ_S
    return found


def notify(service: NotifyBase, *, title: str, body: str) -> None:
    """Send one notification, waiting `CALL_S` at most; raise why it did not go out.

    A thread can't be stopped: what is not done by then goes on by itself, its outcome unknown.
    """
    if not _places.acquire(blocking=False):
        raise TemporaryFailure("Too many notifications hang at their services.", code="busy")
    attempt = _Attempt()
    arguments = (service, title, body, attempt)
    threading.Thread(target=_run, args=arguments, name="apprise", daemon=True).start()
    if not attempt.done.wait(CALL_S):
        raise OutcomeUnknown(f"{service.service_name} gave no answer.", code="no_answer")
    if attempt.raised:
        raise OutcomeUnknown(f"{attempt.raised} in Apprise; it may have been sent.")
    if not attempt.taken:
        raise _failure(str(service.service_name), attempt.statuses)


def _run(service: NotifyBase, title: str, body: str, attempt: _Attempt) -> None:
    import apprise

    reader = _Statuses(attempt)
    words = logging.getLogger("apprise")
    words.addHandler(reader)
    try:
        attempt.taken = bool(service.notify(title=title, body=body, notify_type=apprise.NotifyType.FAILURE))
    except Exception as error:
        # The edge to 180 plugins of others: a fault of theirs is this message's, not the worker's.
        log.exception("apprise_raised", service=str(service.service_name))
        attempt.raised = type(error).__name__
    finally:
        words.removeHandler(reader)
        attempt.done.set()
        _places.release()


class _Statuses(logging.Handler):
    """Reads the HTTP status out of what the library logs in this thread: it returns none."""

    def __init__(self, attempt: _Attempt) -> None:
        super().__init__(level=logging.WARNING)
        self._thread = threading.get_ident()
        self._attempt = attempt

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the status of a refusal of ours."""
        if record.thread == self._thread:
            self._attempt.statuses += [int(found) for found in _STATUS.findall(record.getMessage())]


def _failure(name: str, statuses: list[int]) -> ChannelFailure:
    """Return what a refusal means: without a status, or with one of a bad moment, it is tried again."""
    if not statuses:
        return TemporaryFailure(f"{name} did not take it, or can't be reached.", code="refused")
    status = statuses[-1]
    if status in GONE:
        return PermanentFailure(f"{name} answered {status}.", scope="address", code=str(status))
    if 400 <= status < 500 and status not in (408, 425, 429):
        return PermanentFailure(f"{name} answered {status}.", scope="message", code=str(status))
    return TemporaryFailure(f"{name} answered {status}.", code=str(status))


@cache
def _asset() -> Any:
    import apprise

    # In its own thread already; no addresses in its log; nothing kept on disk.
    return apprise.AppriseAsset(async_mode=False, secure_logging=True, app_id="Muster", app_desc="Muster")
