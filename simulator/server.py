"""Putting the parts behind one HTTP port and one SMTP port, on loopback."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web

from simulator.api.body import WrongBody
from simulator.api.phones import Phones
from simulator.api.routes import Own
from simulator.api.signing import Secrets
from simulator.arrival import StampingHandler
from simulator.mail import sink
from simulator.network import Network
from simulator.phone.calls import Calls
from simulator.phone.live_call import CallIsOver
from simulator.phone.messages import Messages
from simulator.provider.routes import Routes
from simulator.provider.talk_routes import TalkRoutes
from simulator.script import WrongBehaviour
from simulator.settings import Settings
from simulator.slack import rooms as slack_rooms

log = logging.getLogger("simulator")

PAGE = Path(__file__).parent / "page"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
LARGEST_BODY = 4 * 1024 * 1024
CLOSE_WITHIN_S = 1.0
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    # The page's modules belong together: none may come from before an upgrade.
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """A running simulator: `async with Server(settings=…) as server`, then `server.url` and `server.smtp_port`.

    Entering raises OSError if a port is taken. Leaving closes within a few seconds, held requests included.
    """

    def __init__(self, *, settings: Settings) -> None:
        self._settings = settings
        self.url = ""
        self.smtp_port = 0

    async def __aenter__(self) -> Self:
        self.network = Network(settings=self._settings)
        calls, messages = Calls(network=self.network), Messages(network=self.network)
        self.network.restore()
        self._runner = web.AppRunner(
            _application(network=self.network, calls=calls, messages=messages),
            access_log=None,
            shutdown_timeout=CLOSE_WITHIN_S,
        )
        await self._runner.setup()
        try:
            await self._listen()
        except BaseException:
            await self._runner.cleanup()
            await self.network.close()
            raise
        calls.end_interrupted()
        messages.continue_interrupted()
        return self

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        manager = self._runner.server
        if manager is None:
            raise RuntimeError("The runner was not set up.")
        clock = self.network.clock
        self._http = await loop.create_server(
            lambda: StampingHandler(
                manager,
                clock=clock,
                loop=loop,
                access_log=None,
                keepalive_timeout=75,
            ),
            self._settings.host,
            self._settings.port,
            backlog=1024,
        )
        try:
            self._smtp = await sink.listen(network=self.network)
        except BaseException:
            self._http.close()
            raise
        port = self._http.sockets[0].getsockname()[1]
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        self.url = self.network.url = f"http://{host}:{port}"
        self.smtp_port = self._smtp.sockets[0].getsockname()[1]

    async def __aexit__(self, *_error: object) -> None:
        self._http.close()
        self._smtp.close()
        await self._runner.cleanup()
        await self.network.close()


def _application(*, network: Network, calls: Calls, messages: Messages) -> web.Application:
    app = web.Application(middlewares=[_guard, _explain], client_max_size=LARGEST_BODY)
    routes = Routes(network=network, calls=calls, messages=messages)
    app.router.add_routes(TalkRoutes(network=network, calls=calls, guarded=routes.guarded).table())
    app.router.add_routes(routes.table())
    app.router.add_routes(Phones(network=network, calls=calls, messages=messages).table())
    app.router.add_routes(Secrets(network=network).table())
    app.router.add_routes(Own(network=network, calls=calls).table())
    slack_rooms.add_to(app, network=network)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/", _page)
    app.router.add_static("/page/", PAGE)

    async def let_go(_app: web.Application) -> None:
        network.release()

    app.on_shutdown.append(let_go)
    return app


async def _alive(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _page(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keeps foreign web pages out: a name that was rebound to loopback is not one of ours, and a browser names the
    page that a request comes from."""
    if not _is_loopback(f"//{request.headers.get('Host', '')}"):
        return web.Response(status=421, text="The simulator answers on loopback only.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.headers["Host"]:
        return web.Response(status=403, text="Requests of foreign pages are refused.")
    return await handler(request)


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in LOOPBACK_NAMES
    except ValueError:
        return False


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors of the own API as `{"error": sentence}`, and the headers that every answer carries."""
    try:
        response = await handler(request)
    except (WrongBody, WrongBehaviour) as error:
        response = web.json_response({"error": str(error)}, status=400)
    except CallIsOver as error:
        response = web.json_response({"error": str(error)}, status=409)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = web.json_response({"error": error.text or error.reason}, status=error.status)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response
