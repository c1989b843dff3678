"""A second provider of texts: takes one JSON request for each and remembers when."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class TextPeer:
    """What arrived: (time.time(), number) of each text, in the order of arrival."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.texts: list[tuple[float, str]] = []

    def settings(self) -> dict[str, str]:
        """Return the settings that make a product send texts here."""
        return {
            "SMS_HTTP_URL": f"http://127.0.0.1:{self.port}/",
            "SMS_HTTP_HEADERS": json.dumps({"Content-Type": "application/json"}),
            "SMS_HTTP_BODY": '{"to": "{to}", "text": "{text}"}',
        }


@contextmanager
def text_peer() -> Iterator[TextPeer]:
    """Run it on a free port of loopback, in threads of this process."""
    peer: TextPeer

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            peer.texts.append((time.time(), str(content["to"])))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the figures are what is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    peer = TextPeer(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
