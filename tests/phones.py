"""Everybody's phones, mailboxes and webhooks: the simulator as a process, and what a test asks it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
from django.conf import settings

from supervisor.ports import free_port

PATIENCE_S: Final = 10.0
ENDED: Final = (
    "completed",
    "busy",
    "no-answer",
    "failed",
    "canceled",
    "delivered",
    "undelivered",
    "received",
)
SLACK: Final = {
    "SLACK_BOT_TOKEN": "xoxb-of-these-tests",
    "SLACK_APP_TOKEN": "xapp-of-these-tests",
    "SLACK_SIGNING_SECRET": "signing-secret-of-these-tests",
}
"""What the simulated workspace takes for the app's own."""
ARRIVING: Final = {
    "calls": {"direction": "outbound-api"},
    "messages": {"direction": "outbound-api"},
    "mail": {},
    "hooks": {},
}
"""What reaches people, and how it is told from what they sent themselves."""
ROOT: Final = Path(__file__).resolve().parent.parent


class Phones:
    """The simulator's own API. Waiting is by its long poll, not by looking again and again."""

    def __init__(self, *, url: str, smtp_port: int) -> None:
        self.url = url
        self.smtp_port = smtp_port
        self._http = httpx.Client(base_url=url, timeout=PATIENCE_S + 20, trust_env=False)
        self._silent = False
        self._looked_at: set[tuple[str, str]] = set()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def forget_everything(self) -> None:
        """Clear what arrived and what is scripted."""
        for kind in ("calls", "messages", "mail", "hooks", "requests", "recordings"):
            self._http.delete(f"/api/{kind}")
        self._http.delete("/api/script")
        self._looked_at.clear()

    def be_silent(self) -> None:
        """Send no status callbacks, so that a test sees only what the product does by itself."""
        self._silent = True
        self.script({"*": {}})

    def call_back(self) -> None:
        """Send status callbacks."""
        self._silent = False
        self._http.delete("/api/script")

    def script(self, behaviours: Mapping[str, Mapping[str, Any]]) -> None:
        """Set what numbers, addresses and hooks do."""
        usual = {"callbacks": ["dropped"]} if self._silent else {}
        told = {name: (usual if name[0] in "+*" else {}) | dict(what) for name, what in behaviours.items()}
        self._http.put("/api/script", json=told).raise_for_status()

    @contextmanager
    def signing(self, *, secret: str, key: str = "") -> Iterator[None]:
        """Sign what the product is asked and told by another token, or by the shared key of this name."""
        self._http.put("/api/signing", json={"secret": secret, "key": key}).raise_for_status()
        try:
            yield
        finally:
            self._http.delete("/api/signing").raise_for_status()

    def settle(self) -> None:
        """Wait until nothing rings and nothing is on its way any more."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            under_way = [
                each for kind in ("calls", "messages") for each in self.arrived(kind) if each["state"] not in ENDED
            ]
            if self._silent or not (under_way or self._is_working()):
                return
            for each in under_way:
                if each["state"] == "ringing":
                    with suppress(httpx.HTTPStatusError):  # it ended in this moment
                        self.let_ring(each)
            time.sleep(0.1)

    def _is_working(self) -> bool:
        # What has ended may still be told: a callback that comes while the database is emptied ends in a deadlock.
        return bool(self._http.get("/api/working").raise_for_status().json()["under_way"])

    def all(self, kind: str, **query: str) -> list[dict[str, Any]]:
        """Return what arrived of this kind (calls, messages, mail, hooks, requests), oldest first."""
        items = self.arrived(kind, **query)
        self._looked_at.update((kind, str(item.get("to", ""))) for item in items)
        return items

    def nothing_unexpected(self) -> None:
        """Fail when somebody got a call, a text, a mail or a webhook of which the test never looked at any."""
        unexpected = [
            f"{kind}: {item['to']}: {item['text']}"
            for kind, query in ARRIVING.items()
            for item in self.arrived(kind, **query)
            if (kind, str(item["to"])) not in self._looked_at
        ]
        assert not unexpected, f"Nobody expected {unexpected}"

    def arrived(self, kind: str, **query: str) -> list[dict[str, Any]]:
        """Return the same, without having looked at it as a test does."""
        items: list[dict[str, Any]] = self._http.get(f"/api/{kind}", params=query).raise_for_status().json()["items"]
        return items

    def wait_for(
        self, kind: str, *, count: int = 1, patience_s: float = PATIENCE_S, **query: str
    ) -> list[dict[str, Any]]:
        """Return what arrived as soon as it is `count` items; fail after `patience_s`."""
        deadline = time.monotonic() + patience_s
        after = 0
        while True:
            waiting = {"after": str(after), "wait_s": "2"}
            answer = self._http.get(f"/api/{kind}", params={**query, **waiting}).raise_for_status().json()
            after = answer["seq"]
            items = self.all(kind, **query)
            if len(items) >= count:
                return items
            assert time.monotonic() < deadline, f"{len(items)} of {count} {kind} after {patience_s} s: {items}"

    def pick_up(self, call: Mapping[str, Any], digits: str = "") -> str:
        """Answer a call, press keys as questions come, and return all that was said."""
        return self._say(f"/api/calls/{call['sid']}/answer", {"digits": digits} if digits else {})

    def stay(self, call: Mapping[str, Any], digits: str = "") -> None:
        """Answer a call, press keys as questions come, and stay on the line until `hang_up`."""
        self._post(f"/api/calls/{call['sid']}/answer", {"digits": digits, "stays_s": 600})

    def dial(
        self, *, number: str, to: str = "", digits: str = "", stays: bool = False, says: str = ""
    ) -> dict[str, Any]:
        """Call the product from `number` (`to`: which of its numbers), press keys and speak as asked; return the call:
        when it is over, or at once where a person stays on the line."""
        content = {"from": number, "digits": digits, "stays_s": 600 if stays else 0, "says": says} | (
            {"to": to} if to else {}
        )
        return self._post("/api/calls", content)

    def press(self, call: Mapping[str, Any], digits: str) -> None:
        """Press keys on a call on whose line somebody stays."""
        self._post(f"/api/calls/{call['sid']}/press", {"digits": digits})

    def speak(self, call: Mapping[str, Any], text: str) -> None:
        """Say something into the phone."""
        self._post(f"/api/calls/{call['sid']}/say", {"text": text})

    def hang_up(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """End a call; return it as it is then."""
        return self._post(f"/api/calls/{call['sid']}/hang-up", {})

    def call(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Return a call as it is now."""
        found: dict[str, Any] = self._http.get(f"/api/calls/{call['sid']}").raise_for_status().json()
        return found

    def let_ring(self, call: Mapping[str, Any], how: str = "ignore") -> None:
        """End a ringing call without answering it: ignore, busy or voicemail."""
        self._http.post(f"/api/calls/{call['sid']}/{how}").raise_for_status()

    def reply(self, message: Mapping[str, Any], body: str) -> str:
        """Text back and return the text that came as an answer, "" for none."""
        answer = self._http.post(f"/api/messages/{message['sid']}/reply", json={"body": body}).raise_for_status().json()
        return _texts(answer)

    def text_in(self, *, number: str, body: str) -> str:
        """Text from any number and return the answer, "" for none."""
        content = {"from": number, "body": body}
        return _texts(self._http.post("/api/inbound-messages", json=content).raise_for_status().json())

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._http.post(path, json=body).raise_for_status().json()
        return answer

    def _say(self, path: str, body: Mapping[str, Any]) -> str:
        answer = self._http.post(path, json=body).raise_for_status().json()
        return " ".join(answer["said"])


def _texts(answer: Mapping[str, Any]) -> str:
    return " ".join(answer["answers"])


@contextmanager
def phones_of(*, public_url: str) -> Iterator[Phones]:
    """Run a simulator that calls the product back at `public_url`."""
    port, smtp_port = free_port(), free_port()
    environment = {
        **os.environ,
        "SIMULATOR_PORT": str(port),
        "SIMULATOR_SMTP_PORT": str(smtp_port),
        "PUBLIC_URL": public_url,
        "TWILIO_ACCOUNT_SID": settings.TWILIO_ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": settings.TWILIO_AUTH_TOKEN,
        "TWILIO_FROM": settings.TWILIO_FROM,
        **SLACK,
    }
    command = [sys.executable, "-m", "simulator"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        phones = Phones(url=f"http://127.0.0.1:{port}", smtp_port=smtp_port)
        try:
            _wait_until_up(phones.url)
            yield phones
        finally:
            phones.close()
            process.terminate()


def _wait_until_up(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            httpx.get(f"{url}/healthz", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "The simulator did not start."
            time.sleep(0.05)
        else:
            return
