"""A night with a clock that can be moved, and everybody's phones: what arrives is expected, or it fails the story."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from django.db import transaction

from engine.duties import run_once
from ledger.actor import Actor
from notifications.models import Delivery
from notifications.operations.send_delivery import send_delivery
from people.models import Person
from people.operations.issue_token import issue_token
from tests.phones import Phones

Item = Mapping[str, Any]

DUTIES: Final = ("heartbeats", "routing", "settling", "pages", "musters", "withdrawals", "leases", "receipts")
"""What the engine does for a story; the messages themselves are sent here, as the workers would."""
STEP: Final = timedelta(seconds=30)
"""The engine looks at least so often while time passes, so that nothing that falls due is jumped over."""
PATIENCE_S: Final = 30.0
QUIET_S: Final = 0.4
"""A wrong message would be there by then: the engine's work is done, and a callback takes a few milliseconds."""


class Night:
    """One story's world. `now` is the database's clock, moved; the phones live in real time."""

    def __init__(self, *, phones: Phones, url: str, database_clock: Callable[[], datetime]) -> None:
        self.phones = phones
        self.url = url
        self._database_clock = database_clock
        self._moved = timedelta()
        self._seen: set[str] = set()

    def now(self) -> datetime:
        """Return what the product takes for the present time."""
        return self._database_clock() + self._moved

    def pass_time(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Let so much time pass; the engine looks on the way."""
        self.look()
        end = self._moved + timedelta(minutes=minutes, seconds=seconds)
        while self._moved < end:
            self._moved = min(end, self._moved + STEP)
            self.look()

    def skip_time(self, *, minutes: float) -> None:
        """Let so much time pass while nobody looks."""
        self._moved += timedelta(minutes=minutes)

    def look(self) -> None:
        """Let the engine and the workers do all that is due."""
        while self._engine() or self._workers():
            pass

    def call_to(self, person: Person, *, on: str = "") -> Item:
        """Return the call that now rings at somebody's phone (`on`: that number of theirs)."""
        return self._arriving("calls", on or _address(person, "voice"))

    def text_to(self, person: Person) -> Item:
        """Return the text that somebody now gets."""
        return self._arriving("messages", _address(person, "sms"))

    def mail_to(self, person: Person) -> Item:
        """Return the mail that somebody now gets."""
        return self._arriving("mail", _address(person, "email"))

    def hook(self, name: str) -> Item:
        """Return what a webhook is now sent."""
        return self._arriving("hooks", name)

    def everything(self, kind: str) -> list[Item]:
        """Return all of a kind that has arrived since it was last asked for."""
        self.look()
        items = self._unseen(kind)
        self._seen.update(item["sid"] for item in items)
        return items

    def stays_quiet(self) -> None:
        """Nothing has arrived that the story did not speak of."""
        until = time.monotonic() + QUIET_S
        while time.monotonic() < until:
            self.look()
            time.sleep(0.1)
        unexpected = [f"{kind}: {item['to']}: {item['text']}" for kind in KINDS for item in self._unseen(kind)]
        assert not unexpected, f"Nobody expected {unexpected}"

    def is_hung_up(self, call: Item) -> None:
        """A call that rang rings no more, and nobody had picked it up."""
        self.becomes(lambda: next(c["state"] for c in self.phones.all("calls") if c["sid"] == call["sid"]), "canceled")

    def sign_in(self, person: Person) -> httpx.Client:
        """Return somebody's own program: a client of the API with their token."""
        with transaction.atomic():
            token = issue_token(person=person, name="Story", by=Actor.system(), now=self.now())[1]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=20, trust_env=False)

    def _engine(self) -> int:
        return sum(run_once(name, now=self.now()) for name in DUTIES)

    def _workers(self) -> int:
        due = Delivery.objects.filter(state=Delivery.State.PENDING, not_before__lte=self.now())
        ids = list(due.order_by("pk").values_list("pk", flat=True))
        for delivery_id in ids:
            send_delivery(delivery_id)
        return len(ids)

    def _arriving(self, kind: str, to: str) -> Item:
        until = time.monotonic() + PATIENCE_S
        while True:
            self.look()
            for item in self._unseen(kind):
                if item["to"] == to:
                    self._seen.add(item["sid"])
                    return item
            assert time.monotonic() < until, f"Nothing of {kind} arrived at {to}; there is {self.phones.all(kind)}"
            time.sleep(0.05)

    def _unseen(self, kind: str) -> list[Item]:
        outbound = {"direction": "outbound-api"} if kind in ("calls", "messages") else {}
        return [item for item in self.phones.all(kind, **outbound) if item["sid"] not in self._seen]

    def becomes(self, question: Callable[[], str], expected: str) -> None:
        """Wait until a question is answered as expected; the engine looks meanwhile."""
        until = time.monotonic() + PATIENCE_S
        while (answer := question()) != expected:
            assert time.monotonic() < until, f"It is {answer}, not {expected}"
            self.look()
            time.sleep(0.05)


KINDS: Final = ("calls", "messages", "mail", "hooks")


def _address(person: Person, channel: str) -> str:
    return person.contact_methods.get(channel=channel).address


def moment(text: str) -> datetime:
    """Return a time as the API writes it."""
    return datetime.fromisoformat(text)


def answered(response: httpx.Response, status: int = 200) -> Any:
    """Return the JSON of an answer that has this status."""
    assert response.status_code == status, response.text
    return response.json()
