"""The customer's side in these tests: a small web application that is called back, and hands on phones."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, TypeVar

import httpx
from aiohttp import web
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator, get_signature_algorithm
from twilio.rest import Client

from simulator.server import Server
from simulator.settings import Settings

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "a-token-of-these-tests"
MUSTER = "+15005550006"
ADA = "+46701000001"
VIC = "+46701000002"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request of the simulator. `signed`: the library's own validator accepts its signature."""

    path: str
    method: str
    form: dict[str, str]
    signed: bool
    token: str
    at: float
    url: str
    signature: str
    settings: str

    def signed_by(self, secret: str) -> bool:
        """Tell whether the library accepts the signature as that of a shared key."""
        algorithm = get_signature_algorithm(self.settings)
        return bool(RequestValidator(secret).validate(self.url, self.form, self.signature, algorithm))


@dataclass(kw_only=True)
class Customer:
    """Answers by path; keeps what came in. A path without an answer gets 204."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)

    async def take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        url = f"{self.url}{request.raw_path}"
        signature = request.headers.get("X-Twilio-Signature", "")
        self.received.append(
            Received(
                path=request.path,
                method=request.method,
                form=form or dict(request.query),
                signed=bool(RequestValidator(TOKEN).validate(url, form, signature)),
                token=request.headers.get("I-Twilio-Idempotency-Token", ""),
                at=monotonic(),
                url=url,
                signature=signature,
                settings=request.headers.get(SIGNATURE_SETTINGS_HEADER, ""),
            )
        )
        statuses = self.statuses.get(request.path)
        status = statuses.pop(0) if statuses else 0
        if status == -1 and request.transport is not None:
            request.transport.abort()
        text = self.answers.get(request.path)
        if text is None:
            return web.Response(status=status if status > 0 else 204)
        kind = "text/xml" if text.startswith("<") else "text/plain"
        return web.Response(status=status if status > 0 else 200, text=text, content_type=kind)

    def at(self, path: str) -> list[Received]:
        return [received for received in self.received if received.path == path]

    def forms(self, path: str) -> list[dict[str, str]]:
        return [received.form for received in self.at(path)]

    def states(self, path: str = "/status") -> list[str]:
        """The states that status callbacks told, in the order they came."""
        return [form.get("CallStatus") or form["MessageStatus"] for form in self.forms(path)]


class Loop:
    """An event loop in a thread of its own, so that tests read as plain calls."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(kw_only=True)
class Peer:
    """A running simulator as its two kinds of users see it."""

    url: str
    smtp_port: int
    twilio: Client
    http: httpx.Client
    customer: Customer

    def get(self, path: str, **query: Any) -> Any:
        return self._sent("GET", path, params=query)

    def post(self, path: str, **body: Any) -> Any:
        return self._sent("POST", path, json=body)

    def put(self, path: str, body: object) -> Any:
        return self._sent("PUT", path, json=body)

    def delete(self, path: str) -> None:
        self._sent("DELETE", path)

    def script(self, **behaviour: Any) -> None:
        """Sets Ada's behaviour."""
        self.put("script", {ADA: behaviour})

    def _sent(self, method: str, path: str, **options: Any) -> Any:
        response = self.http.request(method, f"{self.url}/api/{path}", **options)
        response.raise_for_status()
        return response.json() if response.status_code != 204 else None

    def call(self, *, to: str = ADA, twiml: str = "", **options: Any) -> str:
        """Places a call with the official library; returns its sid."""
        words = {"twiml": twiml} if twiml else {"url": f"{self.customer.url}/answer"}
        call = self.twilio.calls.create(to=to, from_=MUSTER, **words, **options)
        return str(call.sid)

    def text(self, body: str = "Reply 4711", *, to: str = ADA, **options: Any) -> str:
        return str(self.twilio.messages.create(to=to, from_=MUSTER, body=body, **options).sid)

    def answer(self, sid: str, digits: str = "") -> Any:
        return self.post(f"calls/{sid}/answer", digits=digits)

    def wait_for_call(self, sid: str, *states: str) -> Any:
        return self._wait("calls", sid, states)

    def wait_for_message(self, sid: str, *states: str) -> Any:
        return self._wait("messages", sid, states)

    def _wait(self, kind: str, sid: str, states: tuple[str, ...]) -> Any:
        return eventually(lambda: next((i for i in [self.get(f"{kind}/{sid}")] if i["state"] in states), None))


def eventually(question: Callable[[], T | None], *, within_s: float = 5.0) -> T:
    """The first true answer. Fails if there is none in time."""
    deadline = monotonic() + within_s
    while True:
        answer = question()
        if answer:
            return answer
        assert monotonic() < deadline, f"not within {within_s} s: last answer {answer!r}"
        sleep(0.02)


@contextmanager
def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]], *, loop: Loop) -> Iterator[str]:
    """The handler behind every path of a free port; yields its address."""

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = loop.run(start())
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        loop.run(runner.cleanup())


@contextmanager
def peer_of(customer: Customer, *, loop: Loop, **settings: Any) -> Iterator[Peer]:
    """A simulator that calls this customer back."""
    server = loop.run(
        _entered(
            Settings(
                account_sid=ACCOUNT,
                auth_token=TOKEN,
                port=0,
                smtp_port=0,
                sms_url=f"{customer.url}/sms",
                voice_url=f"{customer.url}/voice",
                own_number=MUSTER,
                **settings,
            )
        )
    )
    transport = TwilioHttpClient(timeout=10)
    twilio = Client(ACCOUNT, TOKEN, http_client=transport)
    twilio.api.base_url = server.url
    try:
        with httpx.Client(timeout=20) as http:
            yield Peer(
                url=server.url,
                smtp_port=server.smtp_port,
                twilio=twilio,
                http=http,
                customer=customer,
            )
    finally:
        transport.session.close()
        loop.run(server.__aexit__())


async def _entered(settings: Settings) -> Server:
    server = Server(settings=settings)
    return await server.__aenter__()
