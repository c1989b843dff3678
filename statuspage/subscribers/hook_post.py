"""One POST to somebody's webhook with a hard end: however slowly its server drips, the thread is free in time.

Libraries limit each read; a server that sends one byte every four seconds would hold them for hours.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from notifications.channels.base import OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.outbound import Target

CONNECT_S: Final = 5.0
WHOLE_S: Final = 10.0
LONGEST_HEAD: Final = 16_384


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Return the status that the webhook's server answers; the rest of its answer is not read, redirects are not
    followed: where they lead nobody has checked.

    Connects to the very address that was checked; the certificate is checked against the name. Raises
    `TemporaryFailure` when nothing was sent and `OutcomeUnknown` when no answer came within 10 s in all.
    """
    deadline = time.monotonic() + WHOLE_S
    try:
        request = _request(target, body, headers)
    except UnicodeError as error:
        raise PermanentFailure("The address is no http or https URL.", scope="address", code="bad_url") from error
    try:
        line = socket.create_connection((str(target.address), target.port), timeout=CONNECT_S)
    except OSError as error:
        raise TemporaryFailure(f"{target.host} can't be reached.", code="unreachable") from error
    with line:
        try:
            if target.scheme == "https":
                line.settimeout(CONNECT_S)
                line = _tls().wrap_socket(line, server_hostname=target.host)
        except (OSError, ValueError) as error:
            raise TemporaryFailure(f"{target.host} shows no good certificate.", code="tls") from error
        try:
            line.settimeout(_left(deadline))
            line.sendall(request)
            return _status(line, deadline)
        except OSError as error:
            raise OutcomeUnknown(f"{target.host} gave no answer.", code="no_answer") from error
        finally:
            line.close()


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.host_header}", *(f"{n}: {v}" for n, v in headers.items())]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii", "strict") + body


def _status(line: socket.socket, deadline: float) -> int:
    """Read the status line; answers that only say "go on" (1xx) are passed over."""
    head = b""
    while len(head) < LONGEST_HEAD:
        line.settimeout(_left(deadline))
        more = line.recv(4096)
        if not more:
            break
        head += more
        while head.startswith(b"HTTP/1.") and b"\r\n" in head:
            status = head[9:12]
            if not status.isdigit():
                raise ConnectionError("no HTTP")
            if not 100 <= int(status) < 200:
                return int(status)
            _interim, end, rest = head.partition(b"\r\n\r\n")
            if not end:
                break
            head = rest
    raise ConnectionError("no answer")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("The whole exchange took too long.")
    return left


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
