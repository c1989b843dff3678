"""What the workspace tells the app: signed HTTP requests, or envelopes on a socket where one is open."""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

log = logging.getLogger("simulator")

ANSWER_S = 3.0
RETRIES_S = (0.0, 60.0, 300.0)
KEPT = 500
PATHS = {"slash_commands": "commands", "interactive": "interactions", "events_api": "events"}


@dataclass(kw_only=True)
class Told:
    """One thing told and what came back. `error` is Slack's word for no (good) answer, "" for a good one."""

    kind: str
    payload: dict[str, Any]
    status: int = 0
    took_ms: float = 0.0
    error: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    retry: int = 0
    by: str = "http"

    def public(self) -> dict[str, Any]:
        return dict(vars(self))


class Outward:
    """Made inside a running loop; `close` ends what it opened. `url` is the app's address, without the last part."""

    def __init__(self, *, url: str, secret: str) -> None:
        self._url = url.rstrip("/")
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None
        self._sockets: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.told: list[Told] = []

    async def close(self) -> None:
        for socket in list(self._sockets):
            await socket.close()
        if self._session is not None:
            await self._session.close()

    async def tell(self, kind: str, payload: dict[str, Any], *, retry: int = 0) -> Told:
        """Tells once and waits at most 3 s for the answer."""
        told = Told(kind=kind, payload=payload, retry=retry)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(ANSWER_S):
                if self._sockets:
                    told.by = "socket"
                    told.answer = await self._by_socket(kind, payload, retry=retry)
                    told.status = 200
                else:
                    await self._by_http(told)
        except TimeoutError:
            told.error = "operation_timeout"
        except aiohttp.ClientError as error:
            told.error = f"dispatch_failed: {type(error).__name__}"
        told.took_ms = round((time.perf_counter() - began) * 1000, 1)
        self.told.append(told)
        del self.told[:-KEPT]
        return told

    async def tell_event(self, payload: dict[str, Any]) -> Told:
        """Tells an event and again, up to three times, as long as no good answer comes. Returns the first try."""
        first = told = await self.tell("events_api", payload)
        for number, pause_s in enumerate(RETRIES_S, start=1):
            if not told.error or told.answer.get("no_retry"):
                break
            await asyncio.sleep(pause_s)
            told = await self.tell("events_api", payload, retry=number)
        return first

    async def _by_http(self, told: Told) -> None:
        body, kind = _body(told.kind, told.payload)
        moment = str(int(time.time()))
        headers = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": signature(body, moment=moment, secret=self._secret),
        }
        if told.retry:
            headers |= {"X-Slack-Retry-Num": str(told.retry), "X-Slack-Retry-Reason": "http_error"}
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        address = f"{self._url}/{PATHS[told.kind]}"
        async with self._session.post(address, data=body, headers=headers, allow_redirects=False) as response:
            text = await response.text()
            told.status = response.status
            if not 200 <= response.status < 300:
                told.error = "http_error"
            told.answer = _object(text) if text else {}
            if response.headers.get("X-Slack-No-Retry") == "1":
                told.answer["no_retry"] = True

    async def _by_socket(self, kind: str, payload: Mapping[str, Any], *, retry: int) -> dict[str, Any]:
        envelope_id = secrets.token_hex(8)
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answered
        # Any one of the connections gets it.
        socket = self._sockets.pop(0)
        self._sockets.append(socket)
        try:
            await socket.send_json(envelope)
            return await answered
        finally:
            self._waiting.pop(envelope_id, None)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection of Socket Mode, until it ends."""
        socket = web.WebSocketResponse(heartbeat=10)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self._sockets) + 1, "debug_info": {}})
        self._sockets.append(socket)
        try:
            async for message in socket:
                if message.type == aiohttp.WSMsgType.TEXT:
                    self._acknowledged(_object(message.data))
        finally:
            if socket in self._sockets:
                self._sockets.remove(socket)
        return socket

    async def disconnect_all(self, reason: str) -> int:
        """Tells every connection to come back anew, and closes it. Returns how many there were."""
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
            await socket.close()
        return len(sockets)

    @property
    def connections(self) -> int:
        return len(self._sockets)

    def _acknowledged(self, message: dict[str, Any]) -> None:
        waiting = self._waiting.get(str(message.get("envelope_id", "")))
        if waiting is not None and not waiting.done():
            payload = message.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})


def signature(body: bytes, *, moment: str, secret: str) -> str:
    """X-Slack-Signature: hex of HMAC-SHA-256 over version, moment and the raw body."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()


def _body(kind: str, payload: Mapping[str, Any]) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = {"payload": json.dumps(payload)} if kind == "interactive" else payload
    return urlencode({name: str(value) for name, value in form.items()}).encode(), "application/x-www-form-urlencoded"


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else {}
