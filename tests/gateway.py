"""Somebody's HTTP server on loopback, in a thread: keeps what it was asked and answers as it was told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came; `headers` by their names in small letters."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        """Return the fields of a form."""
        return {name: values[-1] for name, values in parse_qs(self.body, keep_blank_values=True).items()}

    @property
    def json(self) -> Any:
        """Return what a JSON body says."""
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One answer; no status means that the connection is cut."""

    status: int | None = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None


class Gateway:
    """What came, oldest first, and what is answered; `answer` may look at the request."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Told] = lambda _asked: Told()

    def always(self, status: int | None, body: object = "", **headers: str) -> None:
        """Give this answer from now on; what is no text becomes JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.answer = lambda _asked: Told(status=status, body=text, headers=headers)


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Run a server on a free port of this machine."""
    kept = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(
                method=self.command,
                path=parts.path,
                query=parts.query,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length).decode(),
            )
            kept.asked.append(asked)
            told = kept.answer(asked)
            self.close_connection = True
            if told.hold is not None:
                told.hold.wait(20)
            if told.status is None:
                return
            content = told.body.encode()
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(content)), "Connection": "close", **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - names that the library looks for

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
