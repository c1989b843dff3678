"""A simulated workspace and an app that it tells things, for each test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
import pytest
from aiohttp import web
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from tests.simulator.customer import Customer, Loop, peer_of, serving

BOT: Final = "xoxb-of-a-test"
APP: Final = "xapp-of-a-test"
SECRET: Final = "signing-secret"


@dataclass(kw_only=True)
class App:
    """Keeps what came and whether Slack's own library takes the signature; answers by path."""

    came: list[tuple[str, dict[str, Any], bool, str]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        verifier = SignatureVerifier(SECRET)
        genuine = verifier.is_valid_request(raw, dict(request.headers))
        self.came.append((request.path, _body(raw), genuine, request.headers.get("X-Slack-Retry-Num", "")))
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        answer = self.answers.get(request.path)
        return web.json_response(answer) if answer is not None else web.Response()


def _body(raw: bytes) -> dict[str, Any]:
    if raw.startswith(b"{"):
        return dict(json.loads(raw))
    fields = {name: values[0] for name, values in parse_qs(raw.decode(), keep_blank_values=True).items()}
    return dict(json.loads(fields["payload"])) if "payload" in fields else fields


@dataclass(kw_only=True)
class Room:
    """The workspace as the app (`api`) and people (`post`, `get`) see it."""

    url: str
    api: WebClient
    http: httpx.Client
    app: App

    def post(self, path: str, **body: Any) -> Any:
        response = self.http.post(f"{self.url}/api/slack/{path}", json=body)
        response.raise_for_status()
        return response.json() if response.content else None

    def put(self, path: str, body: Any) -> None:
        self.http.put(f"{self.url}/api/slack/{path}", json=body).raise_for_status()

    def get(self, path: str, **query: str) -> Any:
        return self.http.get(f"{self.url}/api/slack/{path}", params=query).raise_for_status().json()

    def messages(self, channel: str, **query: str) -> list[Any]:
        return list(self.get("messages", channel=channel, **query)["items"])


@pytest.fixture
def room() -> Iterator[Room]:
    loop, app = Loop(), App()
    with (
        serving(app.take, loop=loop) as url,
        peer_of(
            Customer(url=url),
            loop=loop,
            slack_url=f"{url}/slack",
            slack_bot_token=BOT,
            slack_app_token=APP,
            slack_signing_secret=SECRET,
        ) as peer,
        httpx.Client(timeout=20) as http,
    ):
        api = WebClient(token=BOT, base_url=f"{peer.url}/slack/api/", retry_handlers=[])
        room = Room(url=peer.url, api=api, http=http, app=app)
        room.put("users", {"U0ADA0001": {"name": "Ada", "email": "ada@harbor.example"}, "U0VIC0001": {"name": "Vic"}})
        yield room
    loop.close()
