"""Connections to servers that anybody may have named: each has an end, and none that hangs holds every sender.

Libraries limit each read. A server that drips one byte every few seconds, or that never answers anybody, would hold the
threads that others' pages wait for.
"""

from __future__ import annotations

import ipaddress
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpcore
import httpx

from notifications.channels.base import CALL_S, TemporaryFailure

HANGS_S: Final = 3.0
"""A request that takes longer hangs; services that are well answer within a second or two."""
TOO_MANY: Final = 4
MOST_REMEMBERED: Final = 2 * TOO_MANY
"""So many good answers make a server a good one again."""
MOST_AT_HANGING: Final = 2
SERVERS: Final = 1000
"""Servers that are remembered at once; beyond them the remembering begins anew."""


class TimedTransport(httpx.HTTPTransport):
    """The library's transport over connections that are used once and live for `CALL_S` in all."""

    def __init__(self, *, most: int) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=most,
            # No kept connections: the pool knows them by address, and two names at one address have two certificates.
            max_keepalive_connections=0,
            network_backend=_TimedNetwork(),
        )


class Places:
    """Remembers which servers hang, in this process's memory and under its own lock.

    One that let several requests hang gets `most` at a time until it answers again, so that it holds a few of a
    worker's threads and never all of them. Names below the same two last labels are one, and so are the addresses of
    an IPv6 network of /64: whoever owns one of these has as many as they like.
    """

    def __init__(self, *, most: int = MOST_AT_HANGING, hangs_s: float = HANGS_S) -> None:
        self._most = most
        self._hangs_s = hangs_s
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()
        self._hung: Counter[str] = Counter()

    @contextmanager
    def at(self, host: str) -> Iterator[None]:
        """Have a place for one request to `host`, a name or an address; raise `TemporaryFailure` while it hangs and its
        places are taken."""
        name, began = _server_of(host), time.monotonic()
        with self._lock:
            if self._hung[name] >= TOO_MANY and self._under_way[name] >= self._most:
                raise TemporaryFailure(f"{host} lets the requests before this one hang.", code="hangs")
            self._under_way[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._leave(name, hung=time.monotonic() - began > self._hangs_s)

    def _leave(self, name: str, *, hung: bool) -> None:
        self._under_way[name] -= 1
        self._hung[name] = min(self._hung[name] + 1, MOST_REMEMBERED) if hung else self._hung[name] - 1
        for counts in (self._under_way, self._hung):
            if counts[name] <= 0:
                del counts[name]
        if len(self._hung) > SERVERS:
            self._hung.clear()


names: Final = Places()
"""Where names are looked up."""
servers: Final = Places()
"""By their addresses: names of one cloud are no one's in common."""


def _server_of(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ".".join(host.rstrip(".").lower().split(".")[-2:])
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


class _TimedNetwork(httpcore.NetworkBackend):
    """The library's sockets; each of its streams ends `CALL_S` after the connecting began."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to an address."""
        ends = time.monotonic() + CALL_S
        line = self._plain.connect_tcp(host, port, timeout, local_address, socket_options)
        return _TimedStream(line, ends=ends)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, line: httpcore.NetworkStream, *, ends: float) -> None:
        self._line = line
        self._ends = ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._line.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._line.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        line = self._line.start_tls(ssl_context, server_hostname, self._left(timeout, httpcore.ConnectTimeout))
        return _TimedStream(line, ends=self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._line.get_extra_info(info)

    def _left(self, timeout: float | None, over: type[httpcore.TimeoutException]) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise over("The whole exchange took too long.")
        return left if timeout is None else min(timeout, left)
