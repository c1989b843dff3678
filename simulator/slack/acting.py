"""What people do: type a command, press, send a window, react, write, open the app's home. And what the app hears."""

import secrets
from collections.abc import Mapping
from typing import Any

from simulator.api.body import WrongBody
from simulator.slack.outward import Told
from simulator.slack.triggers import Response
from simulator.slack.web_api import Slack, public_url, said
from simulator.slack.workspace import APP, BOT_USER, TEAM, Channel, Message, User, View

Payload = dict[str, Any]


class Acting:
    """Hands of everybody in one workspace. Each raises WrongBody for what is not there."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def command(self, *, user: User, channel: Channel, command: str, text: str) -> Told:
        slack, now_s = self._slack, self._slack.now_s
        payload = {
            "token": "deprecated",
            "team_id": TEAM["id"],
            "team_domain": TEAM["domain"],
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.is_im else channel.name,
            "user_id": user.id,
            "user_name": user.name.split()[0].lower(),
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._response_url(channel=channel.id, user=user.id),
            "trigger_id": slack.triggers.trigger(user=user.id, at_s=now_s),
        }
        told = await slack.outward.tell("slash_commands", payload)
        where = Response(channel=channel.id, user=user.id, at_s=now_s)
        if told.error:
            said(slack, {"text": f"{command} failed with the error “{told.error}”"}, where)
        elif told.answer:
            said(slack, told.answer, where)
        return told

    async def press(
        self, *, user: User, message: Message | None, view: View | None, action_id: str, chosen: Mapping[str, Any]
    ) -> Told:
        """Presses a button, or chooses in a select (`chosen`: its fields such as `selected_user`)."""
        slack, now_s = self._slack, self._slack.now_s
        block_id, element = _element(message.blocks if message else view.given["blocks"] if view else [], action_id)
        acted: Payload = {
            "type": element["type"],
            "action_id": action_id,
            "block_id": block_id,
            "action_ts": f"{now_s:.6f}",
            **{name: element[name] for name in ("text", "value", "url", "style") if name in element},
            **chosen,
        }
        payload = self._interaction("block_actions", user) | {"actions": [acted]}
        payload["trigger_id"] = slack.triggers.trigger(user=user.id, at_s=now_s, view=view.id if view else "")
        if message is not None:
            place = {"channel_id": message.channel, "message_ts": message.ts, "is_ephemeral": bool(message.only_for)}
            payload |= {
                "container": {"type": "message", **place},
                "channel": self._channel(message.channel),
                "message": message.public(),
                "response_url": self._response_url(channel=message.channel, user=user.id, message_ts=message.ts),
            }
        elif view is not None:
            payload |= {"container": {"type": "view", "view_id": view.id}, "view": view.public()}
        return await slack.outward.tell("interactive", payload)

    async def submit(self, *, user: User, view: View, values: Mapping[str, Mapping[str, Any]]) -> Told:
        """Sends a window; what comes back stays in it (errors), replaces it, stands upon it, or closes it."""
        slack = self._slack
        state = {"values": _state(view.given["blocks"], values)}
        payload = self._interaction("view_submission", user) | {
            "view": view.public() | {"state": state},
            "response_urls": [],
            "trigger_id": slack.triggers.trigger(user=user.id, at_s=slack.now_s, view=view.id),
        }
        told = await slack.outward.tell("interactive", payload)
        if told.error:
            view.error = "We had some trouble connecting. Try again?"
            slack.room.bell.ring()
            return told
        match told.answer.get("response_action", ""):
            case "errors":
                view.errors = {str(name): str(text) for name, text in dict(told.answer.get("errors") or {}).items()}
                slack.room.bell.ring()
            case "update":
                slack.room.change_view(view, given=dict(told.answer["view"]))
            case "push":
                slack.room.add_view(user=user.id, given=dict(told.answer["view"]), root=view.root or view.id)
            case "clear":
                slack.room.close_views(view.root or view.id)
            case _:
                view.open = False
                slack.room.bell.ring()
        return told

    async def close(self, *, user: User, view: View) -> None:
        """Closes a window; the app hears of it where it asked for that."""
        view.open = False
        self._slack.room.bell.ring()
        if view.given.get("notify_on_close"):
            payload = self._interaction("view_closed", user) | {"view": view.public(), "is_cleared": False}
            await self._slack.outward.tell("interactive", payload)

    async def shortcut(self, *, user: User, callback_id: str, message: Message | None) -> Told:
        """Uses a shortcut of the app, or of a message."""
        slack = self._slack
        payload = self._interaction("message_action" if message else "shortcut", user) | {
            "callback_id": callback_id,
            "action_ts": f"{slack.now_s:.6f}",
            "trigger_id": slack.triggers.trigger(user=user.id, at_s=slack.now_s),
        }
        if message is not None:
            payload |= {
                "channel": self._channel(message.channel),
                "message": message.public(),
                "message_ts": message.ts,
                "response_url": self._response_url(channel=message.channel, user=user.id),
            }
        return await slack.outward.tell("interactive", payload)

    async def say(self, *, user: User, channel: Channel, text: str) -> Message:
        """Writes into a channel."""
        slack = self._slack
        message = slack.room.add_message(channel=channel, user=user.id, text=text, at_s=slack.now_s)
        kind = "im" if channel.is_im else "group" if channel.is_private else "channel"
        if BOT_USER in channel.members:
            await self.event(
                {"type": "message", "channel": channel.id, "channel_type": kind, "user": user.id, "text": text}
                | {"ts": message.ts, "event_ts": message.ts}
            )
        return message

    async def join(self, *, user: User, channel: Channel) -> Told:
        """Goes into a channel; the app hears of it where it is in there."""
        if user.id not in channel.members:
            channel.members.append(user.id)
            self._slack.room.bell.ring()
        joined = {"type": "member_joined_channel", "user": user.id, "channel": channel.id, "channel_type": "C"}
        return await self.event(joined | {"team": TEAM["id"], "event_ts": f"{self._slack.now_s:.6f}"})

    async def react(self, *, user: User, message: Message, name: str, remove: bool) -> Told:
        """Puts a reaction on a message, or takes it away."""
        users = message.reactions.setdefault(name, [])
        if remove and user.id in users:
            users.remove(user.id)
        elif not remove and user.id not in users:
            users.append(user.id)
        self._slack.room.bell.ring()
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        kind = "reaction_removed" if remove else "reaction_added"
        about = {"user": user.id, "reaction": name, "item": item, "item_user": message.user}
        return await self.event({"type": kind, **about, "event_ts": f"{self._slack.now_s:.6f}"})

    async def open_home(self, *, user: User) -> Told:
        """Opens the app's home tab."""
        channel = self._slack.room.direct(user.id)
        home = self._slack.room.homes.get(user.id)
        told = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": "home"}
        return await self.event(
            told | {"event_ts": f"{self._slack.now_s:.6f}"} | ({"view": home.public()} if home else {})
        )

    async def event(self, event: Mapping[str, Any], *, event_id: str = "") -> Told:
        """Tells the app an event. With a known `event_id` it is a double."""
        envelope = {
            "token": "deprecated",
            "team_id": TEAM["id"],
            "api_app_id": APP,
            "event": dict(event),
            "type": "event_callback",
            "event_id": event_id or f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(self._slack.now_s),
            "authorizations": [{"team_id": TEAM["id"], "user_id": BOT_USER, "is_bot": True}],
        }
        return await self._slack.outward.tell_event(envelope)

    def _interaction(self, kind: str, user: User) -> Payload:
        who = {"id": user.id, "username": user.name.split()[0].lower(), "team_id": TEAM["id"]}
        team = {"id": TEAM["id"], "domain": TEAM["domain"]}
        return {"type": kind, "user": who, "api_app_id": APP, "token": "deprecated", "team": team, "enterprise": None}

    def _channel(self, channel_id: str) -> dict[str, str]:
        channel = self._slack.room.channels[channel_id]
        return {"id": channel.id, "name": "directmessage" if channel.is_im else channel.name}

    def _response_url(self, *, channel: str, user: str, message_ts: str = "") -> str:
        token = self._slack.triggers.response(channel=channel, user=user, at_s=self._slack.now_s, message_ts=message_ts)
        return f"{public_url(self._slack)}/slack/response/{token}"


def _element(blocks: list[dict[str, Any]], action_id: str) -> tuple[str, dict[str, Any]]:
    """The element with this action_id and its block's id. Raises WrongBody."""
    for block in blocks:
        places = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        for element in places:
            if isinstance(element, dict) and element.get("action_id") == action_id:
                return str(block["block_id"]), element
    raise WrongBody(f"Nothing here is called {action_id!r}.")


def _state(blocks: list[dict[str, Any]], values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Everything that can be filled in, with what was filled in or stood there from the start."""
    state: dict[str, Any] = {}
    for block in blocks:
        element = block.get("element") or block.get("accessory")
        if not isinstance(element, dict) or element.get("type") == "button":
            continue
        action_id = element["action_id"]
        given = values.get(block["block_id"], {}).get(action_id)
        state[block["block_id"]] = {action_id: {"type": element["type"], **_filled(element, given)}}
    return state


def _filled(element: dict[str, Any], given: object) -> dict[str, Any]:
    options = [*(element.get("options") or [])]
    for group in element.get("option_groups") or []:
        options += group["options"]
    match element["type"]:
        case "static_select" | "radio_buttons":
            chosen = next((each for each in options if each["value"] == given), None)
            return {"selected_option": chosen if given is not None else element.get("initial_option")}
        case "checkboxes" | "multi_static_select":
            named = given if isinstance(given, list) else [] if given is None else [given]
            chosen_all = [each for each in options if each["value"] in named]
            return {"selected_options": chosen_all if given is not None else element.get("initial_options", [])}
        case "users_select":
            return {"selected_user": given if given is not None else element.get("initial_user")}
        case "conversations_select":
            return {"selected_conversation": given if given is not None else element.get("initial_conversation")}
        case "channels_select":
            return {"selected_channel": given if given is not None else element.get("initial_channel")}
    text = element.get("initial_value") if given is None else given
    return {"value": text if text is None else str(text) or None}


def chosen_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a select that a press chose (`selected_user`, or `selected` as an option's value)."""
    chosen = {name: value for name, value in body.items() if name.startswith("selected_")}
    if "selected" in body:
        chosen["selected_option"] = {
            "value": body["selected"],
            "text": {"type": "plain_text", "text": body["selected"]},
        }
    return chosen
