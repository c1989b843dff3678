"""Choosing and checking TCP ports of this machine's loopback."""

from __future__ import annotations

import os
import secrets
import socket
from typing import Final
from urllib.parse import urlsplit

from supervisor.errors import StartRefused

LOOPBACK: Final = "127.0.0.1"
FIRST_QUIET, LAST_QUIET = 20000, 32000
"""Below the range of Linux (32768), macOS and Windows (49152) for outgoing connections, above well-known services."""


def wanted_port(name: str, default: int) -> int:
    """Return the port that setting `name` asks for; raises StartRefused where it is no port or taken already."""
    raw = os.environ.get(name) or str(default)
    if not (raw.isascii() and raw.isdigit()) or not 1 <= int(raw) <= 65535:
        raise StartRefused(f"{name} must be a port between 1 and 65535, not {raw!r}.")
    if not is_free(int(raw)):
        raise StartRefused(
            f"Port {raw} is taken by another program. Choose another one, such as {name}={int(raw) + 1}."
        )
    return int(raw)


def port_or_free(name: str) -> int:
    """Return the port that setting `name` asks for, without it any free one."""
    return wanted_port(name, 0) if os.environ.get(name) else free_port()


def port_of(url: str) -> int | None:
    """Return the port that a loopback address names, None for any other address."""
    parts = urlsplit(url)
    return parts.port if parts.hostname in (LOOPBACK, "localhost") else None


def free_port() -> int:
    """Return a random port that nobody listens on now, out of those that no system gives to outgoing connections.

    It is listened on some seconds later; a port that the system chose could serve a connection by then.
    """
    while not is_free(port := FIRST_QUIET + secrets.randbelow(LAST_QUIET - FIRST_QUIET)):
        pass
    return port


def is_free(port: int) -> bool:
    """Tell whether we could listen on `port`; connections of an earlier listener that still fade do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
