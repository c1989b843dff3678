"""The whole product as its own processes, with the demonstration company: driven and watched from outside only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import httpx
import psycopg

from tests.phones import Phones
from tests.supervisor.start import Start

PATIENCE_S: Final = 30.0
KINDS: Final = ("calls", "messages", "mail")

Item = Mapping[str, Any]


class Product:
    """A running product: its API as the administrator, the phones of its people by first name, and its database."""

    def __init__(self, start: Start) -> None:
        self.facts = start.facts()
        self.url = str(self.facts["url"])
        self.people: dict[str, dict[str, str]] = {each["name"].split()[0]: each for each in self.facts["people"]}
        self.phones = Phones(url=self.facts["simulator"], smtp_port=0)
        headers = {"Authorization": f"Bearer {self.facts['api_token']}"}
        self._api = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30, trust_env=False)

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()
        self.phones.close()

    def get(self, path: str) -> Any:
        """Return what the API answers."""
        return self._api.get(path).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> Any:
        """Post to the API and return what it answers."""
        response = self._api.post(path, json=body)
        assert response.status_code < 300, response.text
        return response.json()

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the first part of one of the API's lists."""
        items: list[dict[str, Any]] = self.get(path)["items"]
        return items

    def on_call(self) -> str:
        """Return the first name of the engineer who is on call now."""
        (name,) = [
            each["people"][0]["name"]
            for each in self.items("/on-call")
            if each["schedule"]["name"] == "Engineer on call"
        ]
        return str(name).split()[0]

    def reached(self, kind: str) -> dict[str, list[Item]]:
        """Return what arrived of a kind, by first name of whose it is."""
        field = "email" if kind == "mail" else "phone"
        owners = {person[field]: name for name, person in self.people.items()}
        found: dict[str, list[Item]] = {}
        for item in self.phones.all(kind):
            if item.get("direction") in (None, "outbound-api"):
                found.setdefault(owners.get(item["to"], item["to"]), []).append(item)
        return found

    def wait(self, is_so: Callable[[], Any], *, what: str) -> Any:
        """Return the first true answer; fail after 30 s."""
        until = time.monotonic() + PATIENCE_S
        while not (answer := is_so()):
            assert time.monotonic() < until, f"{what} did not happen within {PATIENCE_S} s"
            time.sleep(0.05)
        return answer

    def write(self, statement: str, *values: object) -> None:
        """Change a setting behind the screens, which keep people from times as short as tests need."""
        with psycopg.connect(self.facts["database_url"]) as connection:
            connection.execute(statement.encode(), values)

    def all_quiet(self) -> None:
        """End every open incident and forget what arrived: the next test begins with silent phones."""
        for incident in self.items("/incidents?status=open"):
            self.post(f"/incidents/{incident['id']}/resolve", {"note": "The test is over."})
        self.wait(lambda: not self.items("/pages?state=open"), what="The end of every page")
        self.wait(lambda: not self.phones.all("calls", state="ringing"), what="Hanging up")
        self.phones.settle()
        self.phones.forget_everything()


@contextmanager
def running_product() -> Iterator[Product]:
    """Start the product in a folder of its own on free ports; end it and leave nothing behind."""
    start = Start()
    try:
        start.up()
        product = Product(start)
        try:
            yield product
        finally:
            product.close()
    finally:
        start.remove()


def moment(text: str) -> datetime:
    """Return a time as the API and the simulator write it."""
    return datetime.fromisoformat(text)
