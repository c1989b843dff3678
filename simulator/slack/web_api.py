"""The door for the app: methods with their token, limits and scripted troubles; response_urls; sockets."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from simulator.contacts import read_people
from simulator.network import Network
from simulator.slack.blocks import WrongBlocks, check_message
from simulator.slack.channels import Channels
from simulator.slack.limits import Limits
from simulator.slack.messages import Messages
from simulator.slack.methods import Method, Refused
from simulator.slack.outward import Outward
from simulator.slack.script import NONE, SlackScript, Trouble
from simulator.slack.triggers import Response, Triggers
from simulator.slack.windows import Windows
from simulator.slack.workspace import BOT_USER, Workspace

CALLS_KEPT = 2_000
UNLIMITED = "auth.test"


@dataclass(kw_only=True)
class Slack:
    """Everything that one simulated workspace consists of."""

    network: Network
    room: Workspace
    triggers: Triggers
    outward: Outward
    script: SlackScript
    limits: Limits
    calls: list[dict[str, Any]]

    @property
    def now_s(self) -> float:
        return self.network.clock.now().timestamp()

    def know_people(self) -> None:
        """Takes the people of the configured file as they stand there now."""
        path = self.network.settings.contacts
        for each in read_people(path) if path is not None else []:
            if each.get("slack"):
                about = {name: str(each.get(name) or "") for name in ("email", "title")}
                self.room.add_user(id=str(each["slack"]), name=str(each["name"]), **about)


class WebApi:
    """Slack's own addresses, below /slack/."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        room = slack.room
        self._methods: Mapping[str, Method] = (
            Messages(room).table() | Channels(room).table() | Windows(room, slack.triggers).table()
        )
        self._tickets: set[str] = set()

    def table(self) -> list[web.RouteDef]:
        return [
            web.post("/slack/api/{method}", self.call),
            web.get("/slack/api/{method}", self.call),
            web.post("/slack/response/{token}", self.respond),
            web.get("/slack/socket", self.socket),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answers a method. What is scripted for it comes before everything but the token."""
        slack, method = self._slack, request.match_info["method"]
        given = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(given.pop("token", ""))
        if method == "apps.connections.open":
            return web.json_response(self._ticket(token, request))
        settings = slack.network.settings
        if not token or token != settings.slack_bot_token:
            return web.json_response({"ok": False, "error": "invalid_auth" if token else "not_authed"})
        trouble = slack.script.take(method)
        answer, status, headers = self._answer(method, given, trouble=trouble)
        # Not kept: what a caller could read of a token. Kept: what a story asks for afterwards.
        slack.calls.append({"method": method, "given": given, "answer": answer, "status": status, "at_s": slack.now_s})
        del slack.calls[:-CALLS_KEPT]
        await slack.network.pause(trouble.hang_s)
        if trouble.cut and request.transport is not None:
            request.transport.abort()
        return web.json_response(answer, status=status, headers=headers)

    def _answer(
        self, method: str, given: dict[str, Any], *, trouble: Trouble
    ) -> tuple[dict[str, Any], int, dict[str, str]]:
        slack = self._slack
        if trouble is NONE and method != UNLIMITED:
            channel = str(given.get("channel", ""))
            wait_s = slack.limits.wait_s(method=method, channel=channel, at_s=slack.now_s)
            if wait_s:
                return {"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait_s)}
        is_made = trouble.done or (not trouble.error and not trouble.http and not trouble.cut)
        answer = self._made(method, given) if is_made else {"ok": True}
        if trouble.http:
            headers = {"Retry-After": str(trouble.retry_after_s)} if trouble.http == 429 else {}
            return {"ok": False, "error": "ratelimited" if trouble.http == 429 else ""}, trouble.http, headers
        if trouble.error:
            return {"ok": False, "error": trouble.error}, 200, {}
        return answer, 200, {}

    def _made(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        known = self._methods.get(method)
        if known is None:
            return {"ok": False, "error": "unknown_method", "req_method": method}
        # Who is paged may be asked for before anybody opened the workspace's page.
        self._slack.know_people()
        try:
            return {"ok": True, **known(given, self._slack.now_s)}
        except Refused as refused:
            more = {"response_metadata": {"messages": refused.messages}} if refused.messages else {}
            return {"ok": False, "error": refused.code, **more}

    def _ticket(self, token: str, request: web.Request) -> dict[str, Any]:
        settings = self._slack.network.settings
        if not token or token != settings.slack_app_token:
            return {"ok": False, "error": "invalid_auth" if token else "not_authed"}
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return {"ok": True, "url": f"ws://{request.host}/slack/socket?ticket={ticket}"}

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """One connection of Socket Mode; its ticket is good once."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="The ticket is not good.")
        self._tickets.discard(ticket)
        return await self._slack.outward.serve(request)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Takes an answer by response_url."""
        given = await _arguments(request)
        where = self._slack.triggers.respond(request.match_info["token"], at_s=self._slack.now_s)
        if where is None:
            return web.Response(status=404, text="expired_url")
        blocks = given.get("blocks")
        try:
            if blocks is not None:
                check_message(blocks)
        except WrongBlocks:
            return web.Response(status=400, text="invalid_blocks")
        said(self._slack, given, where)
        return web.Response(text="ok")


def said(slack: Slack, given: Mapping[str, Any], where: Response) -> None:
    """Puts an answer where somebody acted: on their screen only, for all, or in place of what they acted on."""
    room, text, blocks = slack.room, str(given.get("text") or ""), given.get("blocks")
    acted_on = room.messages.get((where.channel, where.message_ts))
    if acted_on is not None and given.get("delete_original"):
        acted_on.deleted = True
        room.bell.ring()
        return
    if acted_on is not None and given.get("replace_original", True) and given.get("response_type") != "ephemeral":
        room.change(acted_on, text=text, blocks=blocks)
        return
    channel = room.channels.get(where.channel)
    if channel is not None and (text or blocks):
        to_all = given.get("response_type") == "in_channel"
        room.add_message(
            channel=channel,
            user=BOT_USER,
            text=text,
            blocks=blocks,
            only_for="" if to_all else where.user,
            at_s=slack.now_s,
        )


def public_url(slack: Slack) -> str:
    """Where the simulator is reached, for the addresses that it hands out."""
    return slack.network.url or f"http://127.0.0.1:{slack.network.settings.port}"


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Arguments as Slack takes them: in the address, as a form or as JSON."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            body = {}
        return given | (body if isinstance(body, dict) else {})
    form = await request.post()
    return given | {name: str(value) for name, value in form.items()}
