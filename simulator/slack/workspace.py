"""What one workspace holds: people, channels, messages, windows. In memory; `keeping` lets it outlive a restart."""

import itertools
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.shelf import Bell

TEAM = {"id": "T0HARBOR1", "name": "Harbor Hosting", "domain": "harbor"}
APP = "A0MUSTER01"
BOT_USER = "U0MUSTER01"
BOT_ID = "B0MUSTER01"
CHANNEL_NAME = re.compile(r"[a-z0-9_\-\u00e0-\uffff]{1,80}")
OPEN_TO_ALL = {"general": "C0GENERAL1", "incidents": "C0INCIDENTS"}
"""Channels that are there from the start, by their ids: everybody is in them, and so is the app."""
KEPT = 5_000


@dataclass(kw_only=True, eq=False)
class User:
    id: str
    name: str
    email: str = ""
    title: str = ""
    is_bot: bool = False
    deleted: bool = False

    def public(self) -> dict[str, Any]:
        """As `users.info` tells it."""
        handle = self.name.split()[0].lower()
        profile = {"real_name": self.name, "display_name": handle, "email": self.email, "title": self.title}
        known = {"id": self.id, "team_id": TEAM["id"], "name": handle, "real_name": self.name, "profile": profile}
        return {**known, "is_bot": self.is_bot, "deleted": self.deleted, "tz": "Europe/Stockholm"}


@dataclass(kw_only=True, eq=False)
class Channel:
    """`is_im`: the direct messages between the app and `members`' other one."""

    id: str
    name: str = ""
    is_im: bool = False
    is_private: bool = False
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    creator: str = ""
    members: list[str] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)

    @property
    def is_open_to_all(self) -> bool:
        return not (self.is_im or self.is_private or self.is_archived)

    def public(self) -> dict[str, Any]:
        """As `conversations.info` tells it."""
        kind = {"user": next((m for m in self.members if m != BOT_USER), "")} if self.is_im else {}
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": not self.is_im,
            "is_im": self.is_im,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_member": BOT_USER in self.members,
            "creator": self.creator,
            "topic": {"value": self.topic},
            "purpose": {"value": self.purpose},
            "num_members": len(self.members),
            **kind,
        }


@dataclass(kw_only=True, eq=False)
class Message:
    """`only_for`: an ephemeral one, which exists on that person's screen alone."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    thread_ts: str = ""
    only_for: str = ""
    edited: int = 0
    deleted: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def by_app(self) -> bool:
        return self.user == BOT_USER

    def public(self, *, with_metadata: bool = False) -> dict[str, Any]:
        """As `conversations.history` tells it."""
        told: dict[str, Any] = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text}
        if self.blocks:
            told["blocks"] = self.blocks
        if self.by_app:
            told |= {"bot_id": BOT_ID, "app_id": APP}
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if self.edited:
            told["edited"] = {"user": self.user, "ts": self.ts}
        if self.reactions:
            told["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in self.reactions.items()]
        if with_metadata and self.metadata:
            told["metadata"] = self.metadata
        return told

    def own(self) -> dict[str, Any]:
        """As the simulator's own API and page tell it."""
        rest = {"channel": self.channel, "only_for": self.only_for, "edited": self.edited, "deleted": self.deleted}
        return self.public(with_metadata=True) | rest


@dataclass(kw_only=True, eq=False)
class View:
    """A window (`modal`) on somebody's screen, or their home tab. Modals of one root stand upon each other."""

    id: str
    user: str
    given: dict[str, Any]
    root: str = ""
    hash: str = ""
    open: bool = True
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def public(self) -> dict[str, Any]:
        """As Slack sends it."""
        stands = {"id": self.id, "team_id": TEAM["id"], "root_view_id": self.root or self.id, "hash": self.hash}
        return {**self.given, **stands, "app_id": APP, "bot_id": BOT_ID}


class Workspace:
    """One workspace. Every change rings the bell; `clock_s` is seconds since 1970."""

    def __init__(self, *, bell: Bell) -> None:
        self.bell = bell
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self._numbers: Iterator[int] = itertools.count(1)
        self.clear()

    def clear(self) -> None:
        """As it was at the start: the channels that are open to all, and the app. People stay."""
        self.channels.clear()
        self.messages.clear()
        self.views.clear()
        self.homes.clear()
        self.users[BOT_USER] = User(id=BOT_USER, name="Muster", is_bot=True)
        for name, id in OPEN_TO_ALL.items():
            self.channels[id] = Channel(id=id, name=name, members=list(self.users))
        self.bell.ring()

    def add_user(self, *, id: str, name: str, email: str = "", title: str = "") -> User:
        """Adds somebody, or renames who has the id, and puts them into the channels that are open to all."""
        user = User(id=id, name=name, email=email.lower(), title=title)
        if id in self.users and self.users[id].public() == user.public():
            return self.users[id]
        self.users[id] = user
        for channel in self.channels.values():
            if channel.id in OPEN_TO_ALL.values() and id not in channel.members:
                channel.members.append(id)
        self.bell.ring()
        return user

    def add_channel(self, *, name: str, members: list[str], private: bool = False) -> Channel:
        creator = members[0] if members else ""
        channel = Channel(id=self._id("C"), name=name, members=members, is_private=private, creator=creator)
        self.channels[channel.id] = channel
        self.bell.ring()
        return channel

    def direct(self, user: str) -> Channel:
        """The direct messages between the app and somebody, made when first used."""
        for channel in self.channels.values():
            if channel.is_im and user in channel.members:
                return channel
        channel = Channel(id=self._id("D"), is_im=True, members=[user, BOT_USER])
        self.channels[channel.id] = channel
        self.bell.ring()
        return channel

    def named(self, name: str) -> Channel | None:
        """The channel of this name (with or without #) or id."""
        plain = name.removeprefix("#")
        found = self.channels.get(name)
        return found or next((each for each in self.channels.values() if each.name == plain and plain), None)

    def add_message(
        self,
        *,
        channel: Channel,
        user: str,
        text: str,
        at_s: float,
        blocks: list[dict[str, Any]] | None = None,
        metadata: dict[str, Any] | None = None,
        thread_ts: str = "",
        only_for: str = "",
    ) -> Message:
        ts = f"{int(at_s)}.{next(self._numbers):06d}"
        message = Message(
            ts=ts,
            channel=channel.id,
            user=user,
            text=text,
            blocks=_with_ids(blocks or []),
            metadata=metadata or {},
            thread_ts=thread_ts,
            only_for=only_for,
        )
        self.messages[(channel.id, ts)] = message
        if len(self.messages) > KEPT:
            del self.messages[next(iter(self.messages))]
        self.bell.ring()
        return message

    def change(self, message: Message, *, text: str, blocks: list[dict[str, Any]] | None) -> None:
        message.text = text
        message.blocks = _with_ids(blocks or [])
        message.edited += 1
        self.bell.ring()

    def in_channel(self, channel: str) -> list[Message]:
        """What stands in a channel, oldest first."""
        return [each for each in self.messages.values() if each.channel == channel and not each.deleted]

    def add_view(self, *, user: str, given: dict[str, Any], root: str = "") -> View:
        view = View(id=self._id("V"), user=user, given=_view_with_ids(given), root=root, hash=secrets.token_hex(6))
        if given.get("type") == "home":
            self.homes[user] = view
        else:
            self.views[view.id] = view
        self.bell.ring()
        return view

    def change_view(self, view: View, *, given: dict[str, Any]) -> None:
        view.given, view.hash, view.errors, view.error = _view_with_ids(given), secrets.token_hex(6), {}, ""
        self.bell.ring()

    def close_views(self, root: str) -> None:
        for view in self.views.values():
            if root in {view.id, view.root}:
                view.open = False
        self.bell.ring()

    def _id(self, letter: str) -> str:
        return f"{letter}0{next(self._numbers):05d}{secrets.token_hex(2).upper()}"


def _view_with_ids(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "blocks": _with_ids(given.get("blocks") or [])}


def _with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Slack gives an id to every block and element that came without one."""
    return [{"block_id": secrets.token_hex(3), **_named(block)} for block in blocks]


def _named(block: dict[str, Any]) -> dict[str, Any]:
    named = dict(block)
    if isinstance(block.get("elements"), list) and block.get("type") == "actions":
        named["elements"] = [{"action_id": secrets.token_hex(3), **each} for each in block["elements"]]
    for place in ("accessory", "element"):
        if isinstance(block.get(place), dict):
            named[place] = {"action_id": secrets.token_hex(3), **block[place]}
    return named
