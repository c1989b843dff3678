"""Socket Mode: what Slack tells comes over connections that we open, so no address of ours need be reachable."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.conf import settings
from django.db import DatabaseError, connections

from engine import clock
from notifications.channels.base import ChannelFailure
from notifications.slack.client import call
from rooms.slack import reading
from rooms.slack.doors import take_event, take_interaction
from rooms.slack.inbound import receive
from rooms.slack.workspace import note_socket

if TYPE_CHECKING:
    from websocket import WebSocket

CONNECTIONS: Final = 2
"""While one is renewed the other hears; Slack gives each envelope to any one of them."""
THREADS: Final = 4
QUIET_S: Final = 10.0
"""Without a word for so long we ask whether the line still stands, and hang up when even that is not answered."""
REFUSED_S: Final = 2.0
NOTED_EVERY_S: Final = 30.0
PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)

log = structlog.get_logger(__name__)


class Line(threading.Thread):
    """One connection, opened anew whenever it ends, until `stopping`."""

    def __init__(self, *, number: int, stopping: threading.Event, pool: ThreadPoolExecutor) -> None:
        super().__init__(name=f"slack-socket-{number}", daemon=True)
        self._stopping = stopping
        self._pool = pool
        self._noted = float("-inf")
        self.connected = threading.Event()

    def run(self) -> None:
        """Listen; a failure is tried again after a pause that grows to half a minute."""
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._listen_once()
            except Exception as error:  # noqa: BLE001 - the edge of a thread that must survive
                failures += 1
                log.warning("slack_socket_lost", error=f"{type(error).__name__}: {error}", failures=failures)
                self._note(error.detail if isinstance(error, ChannelFailure) else "The connection to Slack broke off.")
            else:
                # Slack renews a connection about once an hour; one that it ends at once is a refusal.
                failures = failures + 1 if time.monotonic() - began < REFUSED_S else 0
            self.connected.clear()
            if time.monotonic() - began > PAUSES_S[-1]:
                failures = min(failures, 1)
            if failures:
                self._stopping.wait(PAUSES_S[min(failures, len(PAUSES_S)) - 1])

    def _listen_once(self) -> None:
        """Open a connection and take what comes until Slack asks for a new one."""
        import websocket

        told = call("apps.connections.open", {}, token=settings.SLACK_APP_TOKEN)
        line = websocket.create_connection(str(told["url"]), timeout=QUIET_S, enable_multithread=True)
        try:
            asked = False
            while not self._stopping.is_set():
                try:
                    kind, frame = line.recv_data(control_frame=True)
                except websocket.WebSocketTimeoutException:
                    if asked:
                        raise
                    line.ping()
                    asked = True
                    continue
                asked = False
                if self.connected.is_set():
                    self._note("")
                if kind == websocket.ABNF.OPCODE_CLOSE:
                    return
                if kind == websocket.ABNF.OPCODE_TEXT and not self._take(line, json.loads(frame)):
                    return
        finally:
            line.close()
            # `close` does nothing after Slack's own closing frame.
            line.shutdown()  # type: ignore[no-untyped-call]

    def _take(self, line: WebSocket, envelope: Mapping[str, Any]) -> bool:
        """Take one envelope; False when Slack wants this connection to end."""
        match envelope.get("type"):
            case "hello":
                self.connected.set()
                self._note("")
                log.info("slack_socket_open", connections=envelope.get("num_connections"))
            case "disconnect":
                log.info("slack_socket_renewed", reason=envelope.get("reason"))
                return False
            case _ if envelope.get("envelope_id"):
                self._pool.submit(_answer, line, envelope)
        return True

    def _note(self, trouble: str) -> None:
        """Keep for the settings screen that this line hears, not more often than twice a minute, or why it does not."""
        if not trouble and time.monotonic() - self._noted < NOTED_EVERY_S:
            return
        self._noted = float("-inf") if trouble else time.monotonic()
        try:
            note_socket(trouble=trouble, now=clock.now())
        except DatabaseError:
            # Without a database nothing that comes can be kept either; the line stands all the same.
            log.warning("slack_socket_not_noted")
        finally:
            connections.close_all()


def _answer(line: WebSocket, envelope: Mapping[str, Any]) -> None:
    """Take what came as the doors do, and acknowledge it once it is kept; without that Slack tells it again."""
    try:
        payload = envelope.get("payload")
        body = _taken(str(envelope.get("type")), payload if isinstance(payload, dict) else {})
        acknowledged: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if body and envelope.get("accepts_response_payload"):
            acknowledged["payload"] = body
        line.send(json.dumps(acknowledged))
    except Exception:
        # The edge of a thread that must survive: what was not acknowledged comes again.
        log.exception("slack_envelope_failed", type=envelope.get("type"))
    finally:
        connections.close_all()  # seldom enough; a kept one would have to be let go when the process ends


def _taken(kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    match kind:
        case "slash_commands":
            return receive(reading.command(payload), now=clock.now())
        case "interactive":
            return take_interaction(payload)
        case "events_api":
            return take_event(payload)
    return None


def listen(*, stopping: threading.Event) -> list[Line]:
    """Open the connections and keep them until `stopping` is set; return them at once."""
    pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="slack-envelope")
    lines = [Line(number=number, stopping=stopping, pool=pool) for number in range(1, CONNECTIONS + 1)]
    for line in lines:
        line.start()
    return lines
