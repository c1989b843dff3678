"""The live stream: a small ASGI process that tells open screens which subjects changed (server-sent events).

It reads SECRET_KEY, PUBLIC_URL (or PORT) and LISTEN_DATABASE_URL (or DATABASE_URL) itself, each also as NAME_FILE,
and loads no Django app, so that hundreds of open screens cost one small process and one database connection. It
serves any path, because a reverse proxy may put it under one. `GET ?ticket=...&subject=...&subject=...`
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.core.signing import BadSignature, TimestampSigner

from web.stream_fanout import Fanout, Subscriber
from web.wire import MOST_SUBJECTS, TICKET_MAX_AGE_S, TICKET_SALT, for_these

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

COMMENT_EVERY_S: Final = 15.0
"""Proxies close what is silent; a comment keeps it open, and shows us a screen that is gone."""
OPEN_FOR_S: Final = 900.0
"""Then the stream ends, so that a screen comes back with a fresh ticket and people who left lose theirs."""
MOST_SCREENS: Final = 4000


def _setting(name: str, default: str = "") -> str:
    file = os.environ.get(f"{name}_FILE")
    value = Path(file).read_text(encoding="utf-8") if file else os.environ.get(name, "")
    return value.strip() or default


@dataclass(frozen=True)
class Settings:
    """What the stream needs to know."""

    secret_key: str
    origin: str
    dsn: str

    @classmethod
    def read(cls) -> Settings:
        """Read the environment. Raises `SystemExit` with one sentence when something is missing."""
        dsn = _setting("LISTEN_DATABASE_URL") or _setting("DATABASE_URL")
        secret = _setting("SECRET_KEY")
        for name, value in (("SECRET_KEY", secret), ("DATABASE_URL", dsn)):
            if not value:
                raise SystemExit(f"Muster's stream can't start: {name} is not set. Set it, or {name}_FILE.")
        public = urlsplit(_setting("PUBLIC_URL", f"http://127.0.0.1:{_setting('PORT', '8000')}"))
        return cls(secret_key=secret, origin=f"{public.scheme}://{public.netloc}", dsn=dsn)


class Stream:
    """The ASGI application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._signer = TimestampSigner(key=settings.secret_key, salt=TICKET_SALT, fallback_keys=[])
        self._fanout = Fanout(dsn=settings.dsn)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the server's own start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._fanout.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await self._answer(scope, send, 405, {"detail": "GET only"})
        elif scope["path"].rstrip("/").endswith("/healthz"):
            state = {"status": "ok", "listening": self._fanout.listening, "screens": self._fanout.count}
            await self._answer(scope, send, 200, state)
        else:
            query = parse_qs(scope["query_string"].decode("latin-1"))
            subjects = query.get("subject", [])[:MOST_SUBJECTS]
            if not self._is_valid((query.get("ticket") or [""])[0], subjects):
                detail = "The ticket is missing, wrong, for other subjects or older than an hour."
                await self._answer(scope, send, 403, {"detail": detail})
            elif self._fanout.count >= MOST_SCREENS:
                await self._answer(scope, send, 503, {"detail": "Too many screens; poll instead."})
            else:
                await self._stream(scope, receive, send, Subscriber(subjects))

    def _is_valid(self, ticket: str, subjects: list[str]) -> bool:
        try:
            _person, _, good_for = self._signer.unsign(ticket, max_age=TICKET_MAX_AGE_S).partition(" ")
        except BadSignature:  # expired ones too
            return False
        return good_for == for_these(subjects)

    def _headers(self, scope: Scope, content_type: bytes) -> list[tuple[bytes, bytes]]:
        headers = [(b"content-type", content_type), (b"cache-control", b"no-store"), (b"vary", b"Origin")]
        if dict(scope["headers"]).get(b"origin") == self._settings.origin.encode():
            headers.append((b"access-control-allow-origin", self._settings.origin.encode()))
        return headers

    async def _answer(self, scope: Scope, send: Send, status: int, body: dict[str, Any]) -> None:
        headers = self._headers(scope, b"application/json")
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    async def _stream(self, scope: Scope, receive: Receive, send: Send, subscriber: Subscriber) -> None:
        headers = self._headers(scope, b"text/event-stream; charset=utf-8")
        headers.append((b"x-accel-buffering", b"no"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        self._fanout.add(subscriber)
        gone = asyncio.create_task(_until_gone(receive))
        writing = asyncio.create_task(_write(send, subscriber))
        try:
            await asyncio.wait((gone, writing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._fanout.remove(subscriber)
            for task in (gone, writing):
                task.cancel()
            # A write to a screen that is gone fails in whichever way the server likes.
            await asyncio.gather(gone, writing, return_exceptions=True)
            with suppress(Exception):
                await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, subscriber: Subscriber) -> None:
    """Write news as they come and a comment when there were none, until OPEN_FOR_S is over."""
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
    end = time.monotonic() + OPEN_FOR_S
    while (left_s := end - time.monotonic()) > 0:
        news = await subscriber.news(within_s=min(COMMENT_EVERY_S, left_s))
        lines = [
            f"data: {json.dumps({'subject': subject, 'version': version})}\n\n" for subject, version in news.items()
        ]
        body = "".join(lines) or ": still here\n\n"
        await send({"type": "http.response.body", "body": body.encode(), "more_body": True})


application: Final = Stream(Settings.read())
