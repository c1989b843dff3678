"""The product as it runs in the small hours: real processes, watched from outside and killed by their numbers."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import httpx
import psutil
import psycopg

from tests.faults.broker import Broker
from tests.faults.tool import Tool
from tests.supervisor.start import Start, eventually

COMES_BACK_S: Final = 30.0
SETTLES_S: Final = 60.0
"""A killed sender's lease is 15 s and its message then goes once more; the rest is for a busy machine."""


class Product(Start):
    """One start in a folder of its own with a broker of the test's own, and what the tests ask it."""

    def __init__(self) -> None:
        super().__init__()
        self.broker = Broker()
        self.env |= {"REDIS_URL": self.broker.url, "LOG_LEVEL": "WARNING"}

    def load_company(self) -> None:
        """Create the services and people that the tests page."""
        done = self.command("manage", "shell", "-c", "from tests.faults.company import load; load()")
        assert done.returncode == 0, done.stderr

    def remove(self) -> None:
        """End it and remove all it made."""
        super().remove()
        self.broker.remove()

    def tool(self) -> Tool:
        """Return a monitoring tool with the company's key."""
        facts = self.facts()
        return Tool(facts["url"], facts["routing_key"])

    def api(self) -> httpx.Client:
        """Return a client of the API with the administrator's token."""
        facts = self.facts()
        headers = {"Authorization": f"Bearer {facts['api_token']}"}
        return httpx.Client(base_url=facts["url"], headers=headers, timeout=30, trust_env=False)

    def ready(self) -> dict[str, Any]:
        """Return what `/readyz` says, with its status code as `code`."""
        answer = httpx.get(f"{self.facts()['url']}/readyz", timeout=10, trust_env=False)
        return {**answer.json(), "code": answer.status_code}

    def is_well(self) -> bool:
        """Tell whether it is ready and nothing is degraded."""
        with contextlib.suppress(httpx.TransportError, ValueError):
            return bool(self.ready()["status"] == "ok")
        return False

    def get_well(self) -> None:
        """Start it where it does not run and wait until nothing is degraded."""
        self.broker.mend()
        self.up()
        eventually(self.is_well, within_s=COMES_BACK_S, what="Getting well")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read from the product's database."""
        with psycopg.connect(self.facts()["database_url"]) as connection:
            return connection.execute(statement, values).fetchall()

    def under_way(self) -> int:
        """Return how many messages are just being given to the provider."""
        found: int = self.rows("SELECT count(*) FROM notifications_delivery WHERE state = 'sending'")[0][0]
        return found

    def interrupted(self, keys: Iterable[str]) -> dict[str, int]:
        """Return how many messages about these events lost their sender on the way, by what was then found out."""
        return dict(
            self.rows(
                "SELECT t.result, count(*) FROM notifications_attempt t"
                " JOIN notifications_delivery d ON d.id = t.delivery_id"
                " JOIN notifications_page p ON p.id = d.page_id"
                " JOIN intake_alert a ON p.subject = 'incident:' || a.incident_id"
                " WHERE t.result IN ('found', 'not_found', 'unknown') AND a.dedup_key = ANY(%s) GROUP BY t.result",
                sorted(keys),
            )
        )

    def kill(self, kind: str, chance: random.Random) -> str:
        """Send SIGKILL to a process of this kind or to one that it started, whichever chance takes; say which."""
        leader = psutil.Process(self.facts()["pids"][kind][0])
        victim = chance.choice([leader, *leader.children(recursive=True)])
        victim.kill()
        return f"{kind} {victim.pid} of {leader.pid}"

    def runs(self, kind: str) -> bool:
        """Tell whether the first process of this kind is there."""
        pids = self.facts()["pids"][kind]
        return bool(pids) and psutil.pid_exists(pids[0])

    @contextlib.contextmanager
    def without_postgres(self, how: signal.Signals, *, for_s: float) -> Iterator[None]:
        """End PostgreSQL by a signal to its first process; inside it is away, and stays so for `for_s` seconds at
        least, because the supervisor is held up that long."""
        pids = self.facts()["pids"]
        supervisor, postgres = psutil.Process(pids["supervisor"][0]), psutil.Process(pids["postgres"][0])
        supervisor.suspend()
        began = time.monotonic()
        try:
            os.kill(postgres.pid, how)
            eventually(
                lambda: not postgres.is_running() or postgres.status() == psutil.STATUS_ZOMBIE,
                within_s=COMES_BACK_S,
                what="The end of PostgreSQL",
            )
            yield
            time.sleep(max(0.0, began + for_s - time.monotonic()))
        finally:
            supervisor.resume()

    def arrived(self, kind: str, *, to: str, about: str, within_s: float) -> float:
        """Wait for a message (`messages` or `mail`) about a key at the provider's peer; return when it came
        (`time.time()`)."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for item in self.received(kind, to=to):
                if f"Fault {about}" in item["text"]:
                    return datetime.fromisoformat(item["received_at"]).timestamp()
            time.sleep(0.05)
        raise AssertionError(f"Nothing about {about} came to {to} within {within_s} s. {self.story(about)}")

    def received(self, kind: str, **query: str) -> list[dict[str, Any]]:
        """Return what the provider's peer got, oldest first."""
        found: list[dict[str, Any]] = httpx.get(
            f"{self.facts()['simulator']}/api/{kind}", params=query, timeout=30, trust_env=False
        ).json()["items"]
        return found

    def script(self, behaviours: dict[str, Any]) -> None:
        """Set what numbers and mailboxes do; {} forgets everything set."""
        url = f"{self.facts()['simulator']}/api/script"
        httpx.put(url, json=behaviours, timeout=30, trust_env=False).raise_for_status()

    def story(self, key: str) -> str:
        """Tell what the database knows about an event, for whoever reads a failure."""
        found = self.rows(
            "SELECT a.routed_at, a.trouble, p.state, p.level, p.trouble, d.state, d.reason, d.tries, d.lease_until"
            " FROM intake_alert a LEFT JOIN notifications_page p ON p.subject = 'incident:' || a.incident_id"
            " LEFT JOIN notifications_delivery d ON d.page_id = p.id WHERE a.dedup_key = %s",
            key,
        )
        return json.dumps(found, default=str)
