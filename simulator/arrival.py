"""When a request's last byte came in: read where bytes arrive, not where a busy loop gets round to them."""

from datetime import datetime
from typing import Any

from aiohttp import web

from simulator.clock import Clock


class StampingHandler(web.RequestHandler):
    """aiohttp's connection, which also notes the moment of each chunk it is given."""

    __slots__ = ("clock", "last_chunk_at")

    def __init__(self, manager: web.Server, *, clock: Clock, **options: Any) -> None:
        super().__init__(manager, **options)
        self.clock = clock
        self.last_chunk_at = clock.now()

    def data_received(self, data: bytes) -> None:
        self.last_chunk_at = self.clock.now()
        super().data_received(data)


def arrived_at(request: web.Request) -> datetime:
    """The moment of the last chunk on the request's connection; read it after the body was read.

    A client that sends its next request before it has this one's answer (pipelining) would blur it; none does here.
    """
    connection = request.protocol
    if not isinstance(connection, StampingHandler):
        raise TypeError("The application is not served by simulator.server, which stamps arrivals.")
    return connection.last_chunk_at
