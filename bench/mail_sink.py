"""A mail server that takes everything and keeps nothing but figures: `python -m bench.mail_sink` prints its ports.

Small and asynchronous, so that both sides of a comparison wait for the same, very fast, other end. It offers PIPELINING
and answers what came together in one write. The second port answers with its figures as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Final

GREETING: Final = b"220 sink ESMTP\r\n"
HELLO: Final = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
END: Final = b"\r\n.\r\n"


class Figures:
    """What came, by receiver: how often, and how often marked as repeated."""

    def __init__(self) -> None:
        self.mails: Counter[bytes] = Counter()
        self.marked = 0
        self.bytes = 0
        self.first_at = 0.0
        self.last_at = 0.0

    def take(self, receiver: bytes, content: bytes) -> None:
        """Count one mail."""
        self.last_at = time.time()
        self.first_at = self.first_at or self.last_at
        self.mails[receiver] += 1
        self.bytes += len(content)
        self.marked += b"\r\nX-Muster-Repeated: 1\r\n" in content[:4096]

    def as_json(self) -> bytes:
        """Return the figures; `repeats` are mails beyond each receiver's first."""
        total = sum(self.mails.values())
        found = {
            "mails": total,
            "receivers": len(self.mails),
            "repeats": total - len(self.mails),
            "marked": self.marked,
            "bytes": self.bytes,
            "last_at": self.last_at,
            "seconds": self.last_at - self.first_at,
        }
        return json.dumps(found).encode()


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._buffer = b""
        self._in_content = False
        self._receiver = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        """Answer everything that is whole, in one write."""
        self._buffer += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))

    def _next(self) -> bytes | None:
        if self._in_content:
            end = self._buffer.find(END)
            if end < 0:
                return None
            self._figures.take(self._receiver, self._buffer[:end])
            self._buffer = self._buffer[end + len(END) :]
            self._in_content = False
            return b"250 2.0.0 taken\r\n"
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            return None
        self._buffer = rest
        return self._answer(line)

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._receiver = line.partition(b"<")[2].partition(b">")[0].lower()
        elif verb == b"DATA":
            self._in_content = True
            return b"354 go on\r\n"
        elif verb == b"EHLO":
            return HELLO
        elif verb == b"QUIT":
            self._transport.close()
        return b"250 2.0.0 OK\r\n"


class Report(asyncio.Protocol):
    """Says the figures to whoever connects; "forget" in one line before begins anew."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the other end."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer one line."""
        if data.startswith(b"forget"):
            self._figures.__init__()  # type: ignore[misc]
        self._transport.write(self._figures.as_json() + b"\n")
        self._transport.close()


async def serve() -> None:
    """Serve until killed."""
    figures, loop = Figures(), asyncio.get_running_loop()
    mail = await loop.create_server(lambda: Session(figures), "127.0.0.1", 0)
    report = await loop.create_server(lambda: Report(figures), "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (mail, report)]
    sys.stdout.write(f"{ports[0]} {ports[1]}\n")
    sys.stdout.flush()
    await asyncio.gather(mail.serve_forever(), report.serve_forever())


if __name__ == "__main__":
    asyncio.run(serve())
