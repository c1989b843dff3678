"""Many mails over kept connections, pipelined (RFC 2920): one wait of the network for each mail instead of five.

At most one mail of a connection is without its answer at any time: that one alone is in doubt when the line breaks.
"""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Literal

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from statuspage.subscribers.mail_form import sender

KEPT_S: Final = 30.0
"""Servers hang up on idle clients after a minute or so; before that we do."""
SHUT_S: Final = 10.0
"""After a connection that could not be made nobody in this process tries another one for so long."""
LONGEST_ANSWER: Final = 4096

Kind = Literal["sent", "temporary", "address", "message", "configuration", "unknown", "unsent"]


@dataclass(frozen=True)
class Parcel:
    """One mail for one receiver: `body` as a MailForm fills it."""

    id: int
    receiver: bytes
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """What became of a parcel. "unknown": it left, no answer came. "unsent": nothing of it left."""

    id: int
    kind: Kind
    code: str = ""


class LineLost(Exception):
    """The server hung up, said nothing in time, or could not be reached. `code` says which for the record."""

    def __init__(self, detail: str, *, code: str = "unreachable", kind: Kind = "temporary") -> None:
        super().__init__(detail)
        self.code = code
        self.kind: Kind = kind


class Line:
    """A connection to the server in EMAIL_URL. For one thread at a time."""

    def __init__(self) -> None:
        self.key = _key()
        backend = EmailBackend()
        try:
            backend.open()
            server = backend.connection
            if server is None:
                raise LineLost("The mail server can't be reached.")
            server.ehlo_or_helo_if_needed()
        except smtplib.SMTPAuthenticationError as error:
            raise LineLost(
                "The server refuses our sign-in.", code=str(error.smtp_code), kind="configuration"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise LineLost(f"The mail server can't be reached ({type(error).__name__}).") from error
        self._server = server
        self._pipelines = server.has_extn("pipelining")
        self._socket: socket.socket = server.sock  # type: ignore[assignment]  # it is open
        with suppress(OSError):
            # Each write is a whole step of the dialogue: waiting to fill a packet would only cost time.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")
        self._from = b"MAIL FROM:<" + sender().addr_spec.encode() + b">\r\n"
        self.used_at = time.monotonic()

    def is_fit(self) -> bool:
        """Tell whether the connection may be used once more: the settings still mean it, and the server answers."""
        if self.key != _key() or time.monotonic() - self.used_at > KEPT_S:
            return False
        try:
            self._write(b"RSET\r\n")
            return self._read()[0] == 250
        except LineLost:
            return False

    def close(self) -> None:
        """Hang up without a word."""
        with suppress(OSError):
            self._answers.close()
        with suppress(smtplib.SMTPException, OSError):
            self._server.close()

    def send(self, parcels: Iterable[Parcel], *, deadline: float) -> Iterator[Outcome]:
        """Give parcels to the server and yield what became of each, in their order.

        After `deadline` (`time.monotonic`) the rest comes back as unsent. When the line breaks, the parcel that was on
        its way is unknown, those after it are unsent, and `LineLost` is raised at the end.
        """
        waiting = list(parcels)
        place = 0
        try:
            if waiting and self._pipelines:
                self._write(self._opening(waiting[0]))
            while place < len(waiting):
                following = waiting[place + 1] if place + 1 < len(waiting) and time.monotonic() < deadline else None
                for outcome in self._one(waiting[place], following):
                    place += 1
                    yield outcome
                if following is None:
                    break
        except LineLost as lost:
            if lost.kind == "unknown":
                yield Outcome(waiting[place].id, "unknown", "no_answer")
                place += 1
            for parcel in waiting[place:]:
                yield Outcome(parcel.id, "unsent", lost.code)
            raise
        for parcel in waiting[place:]:
            yield Outcome(parcel.id, "unsent", "no_time")
        self.used_at = time.monotonic()

    def _one(self, parcel: Parcel, following: Parcel | None) -> Iterator[Outcome]:
        """Take the answers to a parcel's opening, send its content, and with it what opens the next one."""
        opening = self._opening(following) if following and self._pipelines else b""
        refused, data = self._opened(parcel)
        if data != 354:
            # The content is not awaited: nothing of it leaves, whatever the reason.
            if opening:
                self._write(opening)
            yield refused or _refusal(parcel.id, data, b"", about="message")
            if data == 421:
                raise LineLost("The server closes the connection.", code="421")
            return
        try:
            self._write((b"" if refused else parcel.body) + b".\r\n" + opening)
            code, words = self._read()
        except LineLost as lost:
            if refused:
                yield refused
                raise
            raise LineLost(str(lost), code="no_answer", kind="unknown") from lost
        yield refused or (
            Outcome(parcel.id, "sent", str(code))
            if 200 <= code < 300
            else _refusal(parcel.id, code, words, about="message")
        )
        if code == 421:
            raise LineLost("The server closes the connection.", code="421")

    def _opening(self, parcel: Parcel) -> bytes:
        return self._from + b"RCPT TO:<" + parcel.receiver + b">\r\nDATA\r\n"

    def _opened(self, parcel: Parcel) -> tuple[Outcome | None, int]:
        """Return why the parcel is refused, if it is, and the answer to DATA."""
        if self._pipelines:
            first, second, third = self._read(), self._read(), self._read()
        else:
            first = self._ask(self._from)
            second = self._ask(b"RCPT TO:<" + parcel.receiver + b">\r\n") if first[0] < 400 else first
            third = self._ask(b"DATA\r\n") if second[0] < 400 else self._ask(b"RSET\r\n")
        if first[0] >= 400:
            return _refusal(parcel.id, *first, about="configuration"), third[0]
        if second[0] >= 400:
            return _refusal(parcel.id, *second, about="address"), third[0]
        return None, third[0]

    def _ask(self, command: bytes) -> tuple[int, bytes]:
        self._write(command)
        return self._read()

    def _write(self, content: bytes) -> None:
        try:
            self._socket.sendall(content)
        except OSError as error:
            # What was cut off before its final dot is no mail: the server throws it away (RFC 5321 section 4.1.1.4).
            raise LineLost(f"The mail server hung up ({type(error).__name__}).") from error

    def _read(self) -> tuple[int, bytes]:
        words = b""
        while True:
            try:
                line = self._answers.readline(LONGEST_ANSWER)
            except OSError as error:
                raise LineLost(f"The mail server said nothing ({type(error).__name__}).", code="no_answer") from error
            if not line.endswith(b"\n") or not line[:3].isdigit():
                raise LineLost("The mail server hung up.", code="no_answer")
            words += line[4:].strip() + b" "
            if line[3:4] != b"-":
                return int(line[:3]), words.strip()


class Lines:
    """Connections that are kept between batches; at most as many as threads that send."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Line] = []
        self._shut_until = float("-inf")

    def is_shut(self) -> bool:
        """Tell whether the server could not be reached a moment ago."""
        return time.monotonic() < self._shut_until

    def shut(self) -> None:
        """Let nobody in this process try for a while."""
        self._shut_until = time.monotonic() + SHUT_S

    @contextmanager
    def borrowed(self) -> Iterator[Line]:
        """Lend a connection; it is kept unless the block raises. Raises `LineLost` when none can be made."""
        line = self._take()
        try:
            yield line
        except BaseException:
            line.close()
            raise
        with self._lock:
            self._idle.append(line)

    def close(self) -> None:
        """Hang up everywhere, and forget that the server was away."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._shut_until = float("-inf")
        for line in idle:
            line.close()

    def _take(self) -> Line:
        while True:
            with self._lock:
                line = self._idle.pop() if self._idle else None
            if line is None:
                break
            if line.is_fit():
                return line
            line.close()
        try:
            return Line()
        except LineLost:
            self.shut()
            raise


lines: Final = Lines()


def _key() -> tuple[object, ...]:
    return (settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER)


def _refusal(id_: int, code: int, words: bytes, *, about: Literal["address", "message", "configuration"]) -> Outcome:
    """Return what a refusal means (RFC 5321 section 4.2.1). One by policy (RFC 3463: X.7.X) is about us, whoever the
    mail is for: taken as a wrong address it would quarantine everybody."""
    if code < 500:
        return Outcome(id_, "temporary", str(code))
    return Outcome(id_, "configuration" if words.startswith(b"5.7.") else about, str(code))
