"""A simulated Slack workspace with the story's people, and the engine that works for it step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from engine.duties import run_once
from people.models import Person
from rooms.models import SlackInbound, SlackOutgoing, SlackUser

DUTIES: Final = ("pages", "musters", "slack_inbound", "slack_rooms", "slack_outgoing")
TEAM: Final = "T0HARBOR1"
STEP: Final = timedelta(seconds=1.5)
"""Longer than a worker is waited for."""
MOST_ROUNDS: Final = 20
OPEN: Final = ("pending", "sending")


class Workspace:
    """What people see and do in Slack, over real HTTP; `now` is the story's clock, which moves by `work`."""

    def __init__(self, *, url: str, database_clock: Callable[[], datetime]) -> None:
        self._http = httpx.Client(base_url=url, timeout=20, trust_env=False)
        self._clock = database_clock
        self._moved = timedelta()

    def close(self) -> None:
        """Forget what was written, and give the connections back."""
        self._http.delete("/api/slack").raise_for_status()
        self._http.close()

    def now(self) -> datetime:
        """Return the story's time."""
        return self._clock() + self._moved

    def work(self) -> None:
        """Let the engine do what is due, and what that makes due, with time going on, until nothing is left to do."""
        for _round in range(MOST_ROUNDS):
            self._moved += STEP
            moved = sum(run_once(duty, now=self.now()) for duty in DUTIES)
            waits = SlackOutgoing.objects.filter(state__in=OPEN).exists()
            if not moved and not waits and not SlackInbound.objects.filter(state="pending").exists():
                return
        raise AssertionError(f"Still something to do: {list(SlackOutgoing.objects.filter(state__in=OPEN).values())}")

    def move_in(self, **people: Person) -> None:
        """Give people a place in the workspace, by their Slack ids, and link them."""
        told = {user: {"name": person.name, "email": person.email} for user, person in people.items()}
        self._http.put("/api/slack/users", json=told).raise_for_status()
        for user, person in people.items():
            SlackUser.objects.create(team_id=TEAM, user_id=user, person=person, name=person.name, linked_at=self.now())

    def stranger(self, user: str, name: str) -> None:
        """Give somebody a place in the workspace whom Muster does not know there."""
        self._http.put("/api/slack/users", json={user: {"name": name}}).raise_for_status()

    def do(self, what: str, **given: Any) -> dict[str, Any]:
        """Do something in Slack and return what the app answered; fail when it gave no good answer within 3 s."""
        told: dict[str, Any] = self._http.post(f"/api/slack/{what}", json=given).raise_for_status().json()
        assert not told.get("error"), told
        return told

    def window(self, user: str) -> dict[str, Any]:
        """Return the one window that is open for somebody."""
        (view,) = self._http.get("/api/slack/views", params={"user": user}).raise_for_status().json()["items"]
        return dict(view)

    def windows(self, user: str) -> list[dict[str, Any]]:
        """Return the windows that are open for somebody."""
        found: list[dict[str, Any]] = self._http.get("/api/slack/views", params={"user": user}).json()["items"]
        return found

    def home(self, user: str) -> str:
        """Return somebody's Home tab as one text."""
        return str(self._http.get("/api/slack/views", params={"user": user}).raise_for_status().json()["home"])

    def home_id(self, user: str) -> str:
        """Return the id of somebody's Home tab, to press its buttons by."""
        return str(self._http.get("/api/slack/views", params={"user": user}).raise_for_status().json()["home"]["id"])

    def script(self, troubles: Mapping[str, Mapping[str, Any]]) -> None:
        """Let methods go wrong; nothing at all for well again."""
        self._http.put("/api/slack/script", json=dict(troubles)).raise_for_status()

    def page(self) -> None:
        """Let what is to reach people directly leave, as if no worker had heard of it."""
        run_once("pages", now=self.now())
        self.pass_time(seconds=5)
        run_once("deliveries", now=self.now())

    def pass_time(self, *, seconds: float) -> None:
        """Let the story's time go on."""
        self._moved += timedelta(seconds=seconds)

    def send(self, user: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Fill the open window in (by field) and send it."""
        given = {name: {"value": value} for name, value in values.items()}
        return self.do("submit", user=user, view_id=self.window(user)["id"], values=given)

    def press(self, user: str, message: Mapping[str, Any], action: str) -> dict[str, Any]:
        """Press a button of a message."""
        return self.do("click", user=user, channel=message["channel"], ts=message["ts"], action_id=action)

    def channels(self) -> dict[str, dict[str, Any]]:
        """Return the channels by name, with members and pins."""
        found = self._http.get("/api/slack/channels").raise_for_status().json()["items"]
        return {str(each.get("name", "")): each for each in found}

    def messages(self, channel: str, *, user: str = "") -> list[dict[str, Any]]:
        """Return what stands in a channel, or in the app's direct messages with somebody, as `user` sees it."""
        asked = {"channel": channel, "user": user}
        found: list[dict[str, Any]] = (
            self._http.get("/api/slack/messages", params=asked).raise_for_status().json()["items"]
        )
        return found

    def whispers(self, channel: str, user: str) -> str:
        """Return what only `user` sees in a channel, as one text."""
        return "\n".join(str(each["text"]) for each in self.messages(channel, user=user) if each["only_for"] == user)

    def refused(self) -> list[dict[str, Any]]:
        """Return the app's calls that the workspace refused."""
        calls = self._http.get("/api/slack/calls").raise_for_status().json()["items"]
        return [each for each in calls if not each["answer"].get("ok")]
