"""A mail server for tests that keeps what it takes and refuses what a test tells it to; a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

from django.conf import settings

from statuspage.subscribers.smtp import lines


@dataclass
class Mailbox:
    """What arrived, and how the server behaves: `refuse` maps a receiver to the answer to its RCPT, `refuse_sender` is
    the answer to MAIL; after `hang_up_after` mails it hangs up instead of answering, once; each mail takes it
    `slow_s`."""

    port: int = 0
    pipelining: bool = True
    raw: list[tuple[str, bytes]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    refuse_sender: str = ""
    hang_up_after: int = -1
    slow_s: float = 0.0
    connections: int = 0

    def mails(self) -> list[EmailMessage]:
        """Return what arrived, oldest first."""
        return [self.parsed(raw) for _, raw in self.raw]

    @staticmethod
    def parsed(raw: bytes) -> EmailMessage:
        """Return a mail as a reader's program sees it."""
        found = message_from_bytes(raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        assert not found.defects
        return found

    def receivers(self) -> list[str]:
        """Return who was written, oldest first."""
        return [to for to, _ in self.raw]

    def to(self, address: str) -> EmailMessage:
        """Return the only mail to an address."""
        (found,) = [self.parsed(raw) for to, raw in self.raw if to == address]
        return found


class _Session(asyncio.Protocol):
    def __init__(self, box: Mailbox) -> None:
        self._box, self._buffer, self._content, self._to = box, b"", False, ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._box.connections += 1
        transport.write(b"220 test\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while not self._transport.is_closing():
            mark = b"\r\n.\r\n" if self._content else b"\r\n"
            # A mail without content is its dot alone.
            if self._content and self._buffer.startswith(b".\r\n"):
                part, rest = b"", self._buffer[3:]
            else:
                part, found, rest = self._buffer.partition(mark)
                if not found:
                    return
            self._buffer = rest
            self._transport.write(self._taken(part) if self._content else self._said(part.decode()))

    def _taken(self, content: bytes) -> bytes:
        self._content = False
        if not self._to:
            return b"554 5.5.1 no valid recipients\r\n"
        box = self._box
        box.raw.append((self._to, content.replace(b"\r\n..", b"\r\n.") + b"\r\n"))
        self._to = ""
        time.sleep(box.slow_s)
        if len(box.raw) == box.hang_up_after:
            self._transport.abort()
            return b""
        return b"250 2.0.0 taken\r\n"

    def _said(self, line: str) -> bytes:
        verb, box = line[:4].upper(), self._box
        if verb == "EHLO":
            return b"250-test\r\n250-PIPELINING\r\n250 OK\r\n" if box.pipelining else b"250 test\r\n"
        if verb == "MAIL":
            self._to = ""
            return (box.refuse_sender or "250 OK").encode() + b"\r\n"
        if verb == "RCPT":
            to = line.partition("<")[2].partition(">")[0]
            answer = box.refuse.get(to, "250 OK")
            if answer.startswith("2"):
                self._to = to
            return answer.encode() + b"\r\n"
        if verb == "DATA":
            # Servers differ: this one asks for content even when nobody is to get it, and refuses it then.
            self._content = not box.refuse_sender
            return b"354 go on\r\n" if self._content else b"503 5.5.1 no sender\r\n"
        return b"250 OK\r\n"


class MailServer:
    """Runs the server."""

    def __init__(self) -> None:
        self.box = Mailbox()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(5)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Session(self.box), "127.0.0.1", self.box.port)
        )
        self.box.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(server.wait_closed())
        self._loop.close()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a mail server that EMAIL_URL leads to; nothing is kept afterwards."""
    before = settings.EMAIL_HOST, settings.EMAIL_PORT
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.box.port
        lines.close()
        try:
            yield server.box
        finally:
            lines.close()
            settings.EMAIL_HOST, settings.EMAIL_PORT = before
