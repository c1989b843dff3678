"""The simulator's Slack workspace, connected to this process's product by HTTP in both directions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from django.db import transaction
from pytest_django import Settings

from engine import clock
from engine.duties import run_once
from ledger.actor import Actor
from people.models import Person
from tests.contract.descriptions import CONTRACTS, slack_faults
from tests.phones import SLACK, Phones

Item = Mapping[str, Any]

TEAM: Final = "T0HARBOR1"
PATIENCE_S: Final = 20.0
LATER: Final = timedelta(seconds=2)
"""The engine leaves fresh work to the workers for a moment; here it does it at once. What follows from it is as fresh
then."""


class Workspace:
    """People's hands and eyes in the workspace."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._looked_at: set[str] = set()
        self._http = httpx.Client(base_url=f"{url}/api", timeout=PATIENCE_S, trust_env=False)

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def clear(self) -> None:
        """Forget all that was written, scripted and asked."""
        self._http.delete("/slack").raise_for_status()
        self._looked_at.clear()

    def join(self, person: Person) -> str:
        """Give somebody a user in the workspace who is nobody's in the product yet; return its id."""
        user_id = f"U{person.pk.hex[:10].upper()}"
        self._put("/users", {user_id: {"name": person.name, "email": person.email, "title": person.title}})
        return user_id

    def link(self, person: Person) -> str:
        """Give somebody a user and link them; return its id."""
        from rooms.slack.operations.link import link

        user_id = self.join(person)
        with transaction.atomic():
            link(person=person, team_id=TEAM, user_id=user_id, name=person.name, by=Actor.system(), now=clock.now())
        return user_id

    def script(self, troubles: Mapping[str, Mapping[str, Any]]) -> None:
        """Let methods go wrong."""
        self._put("/script", troubles)

    def channels(self) -> list[Item]:
        """Return every channel."""
        return self._items("/channels")

    def messages(self, channel: str = "", *, user: str = "") -> list[Item]:
        """Return what stands in a channel (by id or name), or in the app's direct messages with a user's id."""
        self._looked_at.add(channel)
        return self._items("/messages", channel=channel, user=user)

    def nothing_unexpected(self) -> None:
        """Fail when the product wrote to somebody directly and the test never looked at what."""
        unexpected = []
        for channel in self.channels():
            user = str(channel.get("user", ""))
            if channel["is_im"] and not {"", user, str(channel["id"])} & self._looked_at:
                written = self._items("/messages", channel=str(channel["id"]))
                unexpected += [f"{user}: {message['text']}" for message in written]
        assert not unexpected, f"Nobody expected {unexpected}"

    def views(self, user: str) -> list[Item]:
        """Return the windows open on somebody's screen, the topmost last."""
        return self._items("/views", user=user)

    def home(self, user: str) -> Any:
        """Return somebody's home tab, None before the first one."""
        return self._http.get("/slack/views", params={"user": user}).raise_for_status().json()["home"]

    def calls(self, method: str) -> list[Item]:
        """Return the calls of a method that the product made."""
        return self._items("/calls", method=method)

    def faults(self) -> list[str]:
        """Return what Slack's own description, where it is at hand, says against the calls that the product made."""
        calls = self._items("/calls") if CONTRACTS.is_dir() else []
        return sorted({fault for call in calls for fault in slack_faults(call["method"], call["given"])})

    def told(self) -> list[Item]:
        """Return what the product was told, and what it answered."""
        return self._items("/told")

    def add_channel(self, name: str, *members: str) -> str:
        """Let people make a channel without the app; return its id."""
        made = (
            self._http.post("/slack/channels", json={"name": name, "members": list(members)}).raise_for_status().json()
        )
        return str(made["id"])

    def command(self, user: str, text: str, *, command: str = "/incident", channel: str = "general") -> Item:
        """Type a slash command; return what was told and answered."""
        return self._act("/commands", user=user, channel=channel, command=command, text=text)

    def click(self, user: str, message: Item, action_id: str, **chosen: Any) -> Item:
        """Press a button under a message, or choose in its select."""
        return self._act(
            "/click", user=user, channel=message["channel"], ts=message["ts"], action_id=action_id, **chosen
        )

    def press(self, user: str, view: Item, action_id: str, **chosen: Any) -> Item:
        """Press a button in a window or on the home tab."""
        return self._act("/click", user=user, view_id=view["id"], action_id=action_id, **chosen)

    def submit(self, user: str, view: Item, values: Mapping[str, Mapping[str, Any]]) -> Item:
        """Send a window: values by block_id and action_id."""
        return self._act("/submit", user=user, view_id=view["id"], values=values)

    def shortcut(self, user: str, callback_id: str, message: Item | None = None) -> Item:
        """Use a shortcut, of a message if one is given."""
        place = {"channel": message["channel"], "ts": message["ts"]} if message else {}
        return self._act("/shortcut", user=user, callback_id=callback_id, **place)

    def say(self, user: str, text: str, *, channel: str = "general") -> Item:
        """Write something; return the message."""
        return self._act("/say", user=user, channel=channel, text=text)

    def react(self, user: str, message: Item, name: str = "pushpin", *, remove: bool = False) -> Item:
        """Put a reaction on a message, or take it away."""
        return self._act("/react", user=user, channel=message["channel"], ts=message["ts"], name=name, remove=remove)

    def open_home(self, user: str) -> Item:
        """Open the app's home tab."""
        return self._act("/home", user=user)

    def event(self, event: Mapping[str, Any], *, event_id: str = "") -> Item:
        """Let the workspace tell any event; the same id again is a double."""
        return self._act("/events", event=event, event_id=event_id)

    def disconnect(self) -> int:
        """Tell every socket to come back anew; return how many there were."""
        return int(self._act("/disconnect")["closed"])

    def sockets(self) -> int:
        """Return how many sockets are open."""
        return int(self._http.get("/slack/state").raise_for_status().json()["sockets"])

    def work(self) -> None:
        """Let the engine do all that is due for Slack, as if no worker had heard of it."""
        while run_once("slack_inbound", now=clock.now() + LATER) + run_once(
            "slack_outgoing", now=clock.now() + 2 * LATER
        ):
            pass

    def wait_for(self, question: Callable[[], bool], what: str, *, patience_s: float = PATIENCE_S) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + patience_s
        while not question():
            assert time.monotonic() < deadline, f"{what}: not after {patience_s} s"
            time.sleep(0.02)

    def _act(self, path: str, **body: Any) -> Item:
        answer: Item = self._http.post(f"/slack{path}", json=body).raise_for_status().json()
        return answer

    def _put(self, path: str, body: Mapping[str, Any]) -> None:
        self._http.put(f"/slack{path}", json=body).raise_for_status()

    def _items(self, path: str, **query: str) -> list[Item]:
        found: list[Item] = self._http.get(f"/slack{path}", params=query).raise_for_status().json()["items"]
        return found


@pytest.fixture
def slack(phones: Phones, settings: Settings) -> Iterator[Workspace]:
    """The workspace, by HTTP; the product's token is set."""
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = SLACK["SLACK_BOT_TOKEN"], SLACK["SLACK_SIGNING_SECRET"]
    settings.SLACK_API_URL = f"{phones.url}/slack/api/"
    # The first request of a process loads every view, which on a busy machine takes longer than the workspace waits.
    httpx.get(f"{settings.PUBLIC_URL}/slack/events", timeout=PATIENCE_S, trust_env=False)
    workspace = Workspace(phones.url)
    workspace.clear()
    yield workspace
    faults = workspace.faults()
    workspace.clear()
    workspace.close()
    assert not faults, f"Slack describes these calls otherwise: {faults}"
