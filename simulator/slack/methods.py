"""What every method of Slack's Web API begins with: its arguments, the channel and the message they name."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from simulator.slack.blocks import MESSAGE_TEXT, WrongBlocks, check_message
from simulator.slack.workspace import BOT_USER, Channel, Message, Workspace

Given = Mapping[str, Any]
Answer = dict[str, Any]
Method = Callable[[Given, float], Answer]


class Refused(Exception):
    """`ok: false` with this code; `messages` say more where Slack does."""

    def __init__(self, code: str, *, messages: list[str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []


class Methods:
    """Methods over one workspace. Each gets its arguments, as text or parsed, and the time in seconds since 1970."""

    def __init__(self, room: Workspace) -> None:
        self.room = room

    def content(self, given: Given) -> tuple[str, list[dict[str, Any]] | None]:
        text, blocks = str(given.get("text") or ""), parsed(given.get("blocks"), list)
        if not text and not blocks:
            raise Refused("no_text")
        if len(text) > MESSAGE_TEXT:
            raise Refused("msg_too_long")
        if blocks:
            try:
                check_message(blocks)
            except WrongBlocks as wrong:
                raise Refused("invalid_blocks", messages=[f"[ERROR] {wrong}"]) from wrong
        return text, blocks

    def is_person(self, user: str) -> bool:
        return user in self.room.users and user != BOT_USER

    def channel(self, given: Given) -> Channel:
        found = self.room.named(str(given.get("channel", "")))
        if found is None or (found.is_private and BOT_USER not in found.members):
            raise Refused("channel_not_found")
        return found

    def member_of(self, given: Given, *, archived: str = "is_archived") -> Channel:
        channel = self.channel(given)
        if BOT_USER not in channel.members:
            raise Refused("not_in_channel")
        if archived and channel.is_archived:
            raise Refused(archived)
        return channel

    def message(self, given: Given, *, ts: str) -> Message:
        channel = self.channel(given)
        found = self.room.messages.get((channel.id, str(given.get(ts, ""))))
        if found is None or found.deleted or found.only_for:
            raise Refused("message_not_found")
        return found


def flag(value: object) -> bool:
    return str(value).lower() in {"1", "true"}


def parsed(value: object, kind: type) -> Any:
    """A JSON argument, which forms carry as text."""
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except ValueError:
            raise Refused("invalid_json") from None
    if value in (None, ""):
        return None
    if not isinstance(value, kind):
        raise Refused("invalid_arguments")
    return value
