"""What people do with their phones: answer, press keys, refuse, reply, call."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator.api.body import WrongBody, json_object, keys_of, text_of
from simulator.network import Network
from simulator.phone.calls import Calls
from simulator.phone.decision import Decision, PickUp, Refusal
from simulator.phone.messages import Messages, Reply
from simulator.provider.fields import E164
from simulator.records import OWN, Call, Message

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Phones:
    """Handlers over one network's calls and messages."""

    def __init__(self, *, network: Network, calls: Calls, messages: Messages) -> None:
        self._network = network
        self._calls = calls
        self._messages = messages

    def table(self) -> list[web.RouteDef]:
        return [
            web.post("/api/calls/{sid}/answer", self.answer),
            web.post("/api/calls/{sid}/voicemail", self._decides(lambda: PickUp(machine=True))),
            web.post("/api/calls/{sid}/busy", self._decides(lambda: Refusal(state="busy"))),
            web.post("/api/calls/{sid}/ignore", self._decides(lambda: Refusal(state="no-answer"))),
            web.post("/api/calls/{sid}/press", self.press),
            web.post("/api/calls/{sid}/say", self.say),
            web.post("/api/calls/{sid}/hang-up", self.hang_up),
            web.post("/api/messages/{sid}/reply", self.reply),
            web.post("/api/inbound-calls", self.call_in),
            web.post("/api/calls", self.call_in),
            web.post("/api/inbound-messages", self.write_in),
        ]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Picks up. `digits` are pressed as questions come, and the answer comes when the call is over. With
        `"live": true` a person stays on the line: the answer comes at once, keys by `press`, the end by `hang-up`. With
        `stays_s` somebody presses those keys and then stays with others that long; the answer comes at once too."""
        return await self._decide(request, _pick_up(await json_object(request)))

    def _decides(self, decision: Callable[[], Decision]) -> Handler:
        async def decide(request: web.Request) -> web.StreamResponse:
            return await self._decide(request, decision())

        return decide

    async def _decide(self, request: web.Request, decision: Decision) -> web.StreamResponse:
        call = self._call(request)
        await self._calls.decide(sid=call.sid, decision=decision)
        return web.json_response(call.public() | {"said": _said(call)})

    async def press(self, request: web.Request) -> web.StreamResponse:
        """Presses keys on a call in progress."""
        call = self._call(request)
        self._calls.live(call.sid).press(keys_of(await json_object(request)))
        return web.json_response(call.public())

    async def say(self, request: web.Request) -> web.StreamResponse:
        """Says `text` into the phone: a conference, whoever one was put through to, or a tape hears it."""
        call = self._call(request)
        self._calls.live(call.sid).say(text_of(await json_object(request), "text"))
        return web.json_response(call.public())

    async def hang_up(self, request: web.Request) -> web.StreamResponse:
        call = self._call(request)
        live = self._calls.live(call.sid)
        live.hang_up()
        await live.over()
        return web.json_response(call.public() | {"said": _said(call)})

    async def reply(self, request: web.Request) -> web.StreamResponse:
        """Answers a message from the phone that got it; returns what the customer said to that."""
        message = self._network.messages.get(request.match_info["sid"])
        if message is None:
            raise web.HTTPNotFound(text="There is no such message.")
        body = text_of(await json_object(request), "body")
        service = message.to if message.is_inbound else message.from_number
        return _replied(await self._messages.receive(from_number=message.person, to=service, body=body))

    async def write_in(self, request: web.Request) -> web.StreamResponse:
        """A message from any phone to the customer's number (`to`, by default the configured one)."""
        body = await json_object(request)
        sender, to = self._numbers(body)
        return _replied(await self._messages.receive(from_number=sender, to=to, body=text_of(body, "body")))

    async def call_in(self, request: web.Request) -> web.StreamResponse:
        """A call from any phone to the customer's number; `digits` and `live` as with `answer`, `says` is
        what a tape gets to hear."""
        body = await json_object(request)
        sender, to = self._numbers(body)
        pick_up = _pick_up(body)
        begun = self._calls.receive(from_number=sender, to=to, pick_up=pick_up)
        if not pick_up.stays:
            await begun.over()
        return web.json_response(begun.call.public() | {"said": _said(begun.call)}, status=201)

    def _numbers(self, body: dict[str, Any]) -> tuple[str, str]:
        sender, to = text_of(body, "from"), text_of(body, "to", self._network.settings.own_number)
        if not E164.fullmatch(sender) or not E164.fullmatch(to):
            raise WrongBody("from and to are numbers such as +46701234567.")
        return sender, to

    def _call(self, request: web.Request) -> Call:
        call = self._network.calls.get(request.match_info["sid"])
        if call is None:
            raise web.HTTPNotFound(text="There is no such call.")
        return call


def _pick_up(body: dict[str, Any]) -> PickUp:
    try:
        stays_s = float(text_of(body, "stays_s", "0"))
    except ValueError:
        raise WrongBody("stays_s is a number of seconds.") from None
    return PickUp(
        keys=keys_of(body), live=body.get("live") is True, says=text_of(body, "says", ""), stays_s=max(0.0, stays_s)
    )


def _said(call: Call) -> list[str]:
    return [spoken["text"] for spoken in call.heard if spoken["kind"] not in OWN]


def _replied(reply: Reply) -> web.Response:
    message: Message = reply.message
    return web.json_response(message.public() | {"status": reply.status, "answers": list(reply.answers)}, status=201)
