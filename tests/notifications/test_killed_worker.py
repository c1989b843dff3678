"""`kill -9` of a real worker amid its calls: everything goes out, and nothing twice without saying so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from engine import broker, clock, duties
from notifications.models import Attempt, Delivery
from notifications.operations import record_outcome, send_delivery
from notifications.operations.claim_deliveries import LEASE
from tests.builders import make_page, make_person, make_policy
from tests.phones import Phones

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 12


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker of the queue "page" on this test's database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}")),
        "TWILIO_API_URL": settings.TWILIO_API_URL,
        "PUBLIC_URL": settings.PUBLIC_URL,
    }
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "threads", "-c", "2", "-Q", "page"]
    options = ["--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with subprocess.Popen([*command, *options], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_worker_killed_amid_its_calls_loses_nothing_and_repeats_nothing_unmarked(phones: Phones) -> None:
    people = [make_person("Ada", methods=["sms"]) for _ in range(PEOPLE)]
    phones.script({"*": {"hang_s": 2, "callbacks": ["dropped"]}})
    now = clock.now()
    make_page(make_policy((300, people)), now=now)
    with worker() as process:
        duties.run_once("pages", now=now)
        assert broker.publisher().settle(within_s=5)
        phones.wait_for("messages", count=3, patience_s=40)  # a busy machine starts a worker in its own time
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = Counter(Delivery.objects.values_list("state", flat=True))
    assert left["sending"] >= 3, f"the worker was to die amid its calls: {left}"

    phones.script({"*": {"callbacks": ["dropped"]}})
    later = clock.now() + LEASE
    duties.run_once("leases", now=later)
    duties.run_once("deliveries", now=later + timedelta(seconds=60))
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    arrived = Counter(message["to"] for message in phones.all("messages"))
    for delivery in Delivery.objects.all():
        assert arrived[delivery.address] == 1 or (arrived[delivery.address] == 2 and delivery.repeated)
    assert Attempt.objects.filter(result="found").count() >= 3


def test_a_database_that_is_away_for_a_moment_does_not_make_somebody_called_twice(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    make_page(make_person("Ada", methods=["sms"]), now=now)
    duties.run_once("pages", now=now)
    delivery = Delivery.objects.get()
    really = record_outcome.record_outcome
    refused: list[object] = []

    def record(*arguments: object, **named: object) -> None:
        if len(refused) < 3:
            refused.append(arguments)
            raise OperationalError("the database system is shutting down")
        really(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(record_outcome, "record_outcome", record)
    send_delivery.send_delivery(delivery.pk, now=now)
    delivery.refresh_from_db()
    assert len(refused) == 3
    assert delivery.state == "sent"
    assert len(phones.all("messages")) == 1
