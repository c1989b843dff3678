"""A machine that automations call over HTTP: slow, so that a kill finds calls on their way, and it remembers them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

SLOW_S: Final = 3.0
LONG_S: Final = 60.0


class Machine(ThreadingHTTPServer):
    """Answers 200 after a while; `calls` are (path, idempotency key) in the order of their coming."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.calls: list[tuple[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def came(self, path: str) -> list[str]:
        """Return the idempotency keys of the calls of a path."""
        return [key for at, key in list(self.calls) if at == path]


class _Call(BaseHTTPRequestHandler):
    server: Machine

    def do_GET(self) -> None:
        """Note it, take a while, answer."""
        self.server.calls.append((self.path, self.headers["Idempotency-Key"]))
        ends_at = time.monotonic() + (LONG_S if self.path == "/long" else SLOW_S)
        try:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            while time.monotonic() < ends_at:
                self.wfile.write(b".\n")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return  # whoever called was killed

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def running_machine() -> Iterator[Machine]:
    """Run one on a free port."""
    machine = Machine()
    thread = threading.Thread(target=machine.serve_forever, daemon=True)
    thread.start()
    try:
        yield machine
    finally:
        machine.shutdown()
        machine.server_close()
