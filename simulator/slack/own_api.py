"""The simulator's own addresses for its workspace: what stands there, and what people do. No token."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from simulator.api.body import WrongBody, json_object, text_of
from simulator.slack.acting import Acting, chosen_in
from simulator.slack.outward import Told
from simulator.slack.web_api import Slack
from simulator.slack.workspace import BOT_USER, Channel, Message, User, View

PAGE = Path(__file__).parent / "page"
LONGEST_WAIT_S = 25.0


class OwnApi:
    """Handlers over one workspace."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._room = slack.room
        self._hands = Acting(slack)

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/slack/", self.page),
            web.get("/api/slack/state", self.state),
            web.get("/api/slack/users", self.users),
            web.put("/api/slack/users", self.put_users),
            web.get("/api/slack/channels", self.channels),
            web.get("/api/slack/messages", self.messages),
            web.get("/api/slack/views", self.views),
            web.get("/api/slack/calls", self.calls),
            web.get("/api/slack/told", self.told),
            web.get("/api/slack/script", self.show_script),
            web.put("/api/slack/script", self.put_script),
            web.delete("/api/slack/script", self.clear_script),
            web.delete("/api/slack", self.clear),
            web.post("/api/slack/channels", self.add_channel),
            web.post("/api/slack/join", self.join),
            web.post("/api/slack/commands", self.command),
            web.post("/api/slack/click", self.click),
            web.post("/api/slack/submit", self.submit),
            web.post("/api/slack/close", self.close),
            web.post("/api/slack/shortcut", self.shortcut),
            web.post("/api/slack/say", self.say),
            web.post("/api/slack/react", self.react),
            web.post("/api/slack/home", self.home),
            web.post("/api/slack/events", self.event),
            web.post("/api/slack/disconnect", self.disconnect),
        ]

    async def page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    async def state(self, request: web.Request) -> web.StreamResponse:
        """All that one person (`user`) sees; with `after` it waits until something is newer than that `seq`.

        `open` names every channel that anybody may join, `app` is where the app itself is."""
        bell = self._room.bell
        after = request.query.get("after", "")
        if after.isdecimal() and int(after) == bell.seq:
            await bell.wait(seconds=LONGEST_WAIT_S)
        self._slack.know_people()
        user = request.query.get("user", "")
        everywhere = list(self._room.channels.values())
        channels = [each for each in everywhere if not user or user in each.members]
        return web.json_response(
            {
                "seq": bell.seq,
                "users": [each.public() for each in self._room.users.values()],
                "bot": BOT_USER,
                "channels": [each.public() | {"members": each.members, "pins": each.pins} for each in channels],
                "open": {each.id: each.name for each in everywhere if each.is_open_to_all},
                "messages": [each.own() for channel in channels for each in self._seen(channel, user)],
                "views": self._views(user),
                "home": self._home(user),
                "sockets": self._slack.outward.connections,
                "app": self._slack.network.settings.app_url,
            }
        )

    async def users(self, _request: web.Request) -> web.StreamResponse:
        self._slack.know_people()
        return web.json_response({"items": [each.public() for each in self._room.users.values()]})

    async def put_users(self, request: web.Request) -> web.StreamResponse:
        """`{"U0ADA": {"name": "Ada Lindqvist", "email": "ada@harbor.example"}}`; those not named stay."""
        for user_id, told in (await json_object(request)).items():
            if not isinstance(told, dict) or not isinstance(told.get("name"), str):
                raise WrongBody(f'{user_id}: a person is an object such as {{"name": "Ada"}}.')
            about = {name: str(told.get(name, "")) for name in ("email", "title")}
            self._room.add_user(id=user_id, name=told["name"], **about)
        return await self.users(request)

    async def channels(self, _request: web.Request) -> web.StreamResponse:
        told = [each.public() | {"members": each.members, "pins": each.pins} for each in self._room.channels.values()]
        return web.json_response({"items": told})

    async def add_channel(self, request: web.Request) -> web.StreamResponse:
        """Somebody makes a channel: `{"name": …, "members": [ids]}`."""
        body = await json_object(request)
        members = [str(each) for each in body.get("members", [])]
        made = self._room.add_channel(name=text_of(body, "name"), members=members, private=bool(body.get("private")))
        return web.json_response(made.public(), status=201)

    async def join(self, request: web.Request) -> web.StreamResponse:
        """`{"user", "channel"}`: somebody goes into a channel that is open to all."""
        body = await json_object(request)
        channel = self._channel(body, otherwise="general")
        if not channel.is_open_to_all:
            raise WrongBody("Somebody in it has to invite you.")
        return _told(await self._hands.join(user=self._user(body), channel=channel))

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """What stands in a channel (`channel`: id, name, or a person's id for the app's direct messages with them)."""
        named, user = request.query.get("channel", ""), request.query.get("user", "")
        if not named:
            found = [each for each in self._room.messages.values() if not each.deleted]
        elif named in self._room.users:
            found = self._room.in_channel(self._room.direct(named).id)
        else:
            channel = self._room.named(named)
            found = self._seen(channel, user) if channel else []
        return web.json_response({"items": [each.own() for each in found]})

    async def views(self, request: web.Request) -> web.StreamResponse:
        """The open windows and the home tab of `user`."""
        user = request.query.get("user", "")
        return web.json_response({"items": self._views(user), "home": self._home(user)})

    async def calls(self, request: web.Request) -> web.StreamResponse:
        """The calls that the app made, of one `method` if it is named."""
        method = request.query.get("method")
        return web.json_response({"items": [c for c in self._slack.calls if method in (None, c["method"])]})

    async def told(self, _request: web.Request) -> web.StreamResponse:
        """What the app was told, and what it answered."""
        return web.json_response({"items": [each.public() for each in self._slack.outward.told]})

    async def show_script(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self._slack.script.public())

    async def put_script(self, request: web.Request) -> web.StreamResponse:
        self._slack.script.put(await json_object(request))
        return web.json_response(self._slack.script.public())

    async def clear_script(self, _request: web.Request) -> web.StreamResponse:
        self._slack.script.clear()
        return web.Response(status=204)

    async def clear(self, _request: web.Request) -> web.StreamResponse:
        """As if nothing had ever been written. The people stay."""
        self._room.clear()
        self._slack.script.clear()
        self._slack.limits.clear()
        self._slack.triggers.clear()
        self._slack.calls.clear()
        self._slack.outward.told.clear()
        return web.Response(status=204)

    async def command(self, request: web.Request) -> web.StreamResponse:
        """`{"user", "channel", "command": "/incident", "text"}`."""
        body = await json_object(request)
        told = await self._hands.command(
            user=self._user(body),
            channel=self._channel(body, otherwise="general"),
            command=text_of(body, "command", "/incident"),
            text=text_of(body, "text", ""),
        )
        return _told(told)

    async def click(self, request: web.Request) -> web.StreamResponse:
        """`{"user", "channel", "ts", "action_id"}` or `{"user", "view_id", "action_id"}`, and what a select chose."""
        body = await json_object(request)
        view = self._view(body) if "view_id" in body else None
        told = await self._hands.press(
            user=self._user(body),
            message=None if view else self._message(body),
            view=view,
            action_id=text_of(body, "action_id"),
            chosen=chosen_in(body),
        )
        return _told(told)

    async def submit(self, request: web.Request) -> web.StreamResponse:
        """`{"user", "view_id", "values": {block_id: {action_id: text or option's value}}}`."""
        body = await json_object(request)
        values = body.get("values")
        given: Mapping[str, Any] = values if isinstance(values, dict) else {}
        return _told(await self._hands.submit(user=self._user(body), view=self._view(body), values=given))

    async def close(self, request: web.Request) -> web.StreamResponse:
        body = await json_object(request)
        await self._hands.close(user=self._user(body), view=self._view(body))
        return web.Response(status=204)

    async def shortcut(self, request: web.Request) -> web.StreamResponse:
        """`{"user", "callback_id"}`, with `channel` and `ts` for a message's shortcut."""
        body = await json_object(request)
        message = self._message(body) if "ts" in body else None
        callback_id = text_of(body, "callback_id")
        return _told(await self._hands.shortcut(user=self._user(body), callback_id=callback_id, message=message))

    async def say(self, request: web.Request) -> web.StreamResponse:
        """`{"user", "channel", "text"}`."""
        body = await json_object(request)
        user, channel = self._user(body), self._channel(body, otherwise="general")
        message = await self._hands.say(user=user, channel=channel, text=text_of(body, "text"))
        return web.json_response(message.own(), status=201)

    async def react(self, request: web.Request) -> web.StreamResponse:
        """`{"user", "channel", "ts", "name", "remove"}`."""
        body = await json_object(request)
        told = await self._hands.react(
            user=self._user(body),
            message=self._message(body),
            name=text_of(body, "name"),
            remove=body.get("remove") is True,
        )
        return _told(told)

    async def home(self, request: web.Request) -> web.StreamResponse:
        """`{"user"}` opens the app's home tab."""
        return _told(await self._hands.open_home(user=self._user(await json_object(request))))

    async def event(self, request: web.Request) -> web.StreamResponse:
        """`{"event": {…}, "event_id"}`: any event; the same event_id again is a double."""
        body = await json_object(request)
        event = body.get("event")
        if not isinstance(event, dict):
            raise WrongBody("event is missing or no object.")
        return _told(await self._hands.event(event, event_id=text_of(body, "event_id", "")))

    async def disconnect(self, _request: web.Request) -> web.StreamResponse:
        """Tells every socket to come back anew."""
        return web.json_response({"closed": await self._slack.outward.disconnect_all("refresh_requested")})

    def _seen(self, channel: Channel, user: str) -> list[Message]:
        return [each for each in self._room.in_channel(channel.id) if not user or each.only_for in ("", user)]

    def _views(self, user: str) -> list[dict[str, Any]]:
        open_ones = [each for each in self._room.views.values() if each.open and user in ("", each.user)]
        return [each.public() | {"user": each.user, "errors": each.errors, "error": each.error} for each in open_ones]

    def _home(self, user: str) -> dict[str, Any] | None:
        home = self._room.homes.get(user)
        return home.public() if home else None

    def _user(self, body: dict[str, Any]) -> User:
        self._slack.know_people()
        user = self._room.users.get(text_of(body, "user"))
        if user is None or user.is_bot:
            raise WrongBody("There is no such person in the workspace.")
        return user

    def _channel(self, body: dict[str, Any], *, otherwise: str) -> Channel:
        named = text_of(body, "channel", otherwise)
        found = self._room.direct(named) if named in self._room.users else self._room.named(named)
        if found is None:
            raise WrongBody("There is no such channel.")
        return found

    def _message(self, body: dict[str, Any]) -> Message:
        channel = self._channel(body, otherwise="general")
        found = self._room.messages.get((channel.id, text_of(body, "ts")))
        if found is None or found.deleted:
            raise WrongBody("There is no such message.")
        return found

    def _view(self, body: dict[str, Any]) -> View:
        view_id = text_of(body, "view_id")
        everything = [*self._room.views.values(), *self._room.homes.values()]
        found = next((each for each in everything if each.id == view_id and each.open), None)
        if found is None:
            raise WrongBody("There is no such window.")
        return found


def _told(told: Told) -> web.Response:
    return web.json_response(told.public())
