"""Choosing and checking TCP ports of this machine's loopback."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit

from supervisor.errors import StartRefused

LOOPBACK = "127.0.0.1"


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
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
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
