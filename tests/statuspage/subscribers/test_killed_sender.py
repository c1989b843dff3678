"""`kill -9` of a real worker half-way through a mailing: nobody is missed, and who is written twice reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from pytest_django import Settings

from engine import broker, clock
from engine.duties import Tick, run_once
from statuspage.models import Mailing, Notice
from statuspage.subscribers.duties import NOBODY_FOR, Helper
from statuspage.subscribers.lanes import LANES
from statuspage.subscribers.notices import LEASE
from statuspage.subscribers.sending import BATCH
from statuspage.subscribers.smtp import SHUT_S, lines
from tests.statuspage.builders import make_page, make_public_incident
from tests.statuspage.subscribers.mail_server import Mailbox
from tests.statuspage.subscribers.subscribing import make_subscriber, send_everything

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]
READERS = 900


@contextmanager
def worker(mailbox: Mailbox) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker of the queue "bulk" on this test's database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}")),
        "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
    }
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "threads", "-c", "8", "-Q", "bulk"]
    options = ["--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with subprocess.Popen([*command, *options], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_worker_killed_half_way_misses_nobody_and_repeats_nothing_unmarked(mailbox: Mailbox) -> None:
    page = make_page()
    for _ in range(READERS):
        make_subscriber(page)
    mailbox.slow_s = 0.004
    now = clock.now()
    make_public_incident(page, now=now)
    with worker(mailbox) as process:
        until = time.monotonic() + 60
        while len(mailbox.raw) < READERS // 3:
            assert time.monotonic() < until, "the worker sent nothing"
            run_once("status_mailings", now=clock.now())
            assert broker.publisher().settle(within_s=5)
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    states = Counter(Notice.objects.values_list("state", flat=True))
    assert states["sending"], f"the worker was to die amid its mails: {states}"
    assert states["pending"]

    mailbox.slow_s = 0.0
    send_everything(clock.now() + LEASE)
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}
    assert Mailing.objects.get().state == Mailing.State.DONE
    arrived = Counter(mailbox.receivers())
    assert len(arrived) == READERS
    twice = {address for address, count in arrived.items() if count > 1}
    assert set(arrived.values()) <= {1, 2}
    marked = {mail["To"] for mail in mailbox.mails() if mail["X-Muster-Repeated"] == "1"}
    assert twice <= marked
    assert len(marked) <= LANES["email"] * BATCH["email"]  # type: ignore[index]


def test_the_engine_sends_by_itself_when_no_worker_does(mailbox: Mailbox) -> None:
    page = make_page()
    for _ in range(150):
        make_subscriber(page)
    now = clock.now()
    make_public_incident(page, now=now)
    run_once("status_mailings", now=now)
    helper = Helper()

    def look(at_s: float) -> int:
        return helper.look(Tick(now=now + timedelta(seconds=at_s), deadline=time.monotonic() + 30))

    assert look(0) == 0
    assert look(NOBODY_FOR.total_seconds() - 1) == 0
    assert not mailbox.raw
    taken = look(NOBODY_FOR.total_seconds())
    while (more := look(NOBODY_FOR.total_seconds() + 1)) > 0:
        taken += more
    assert taken == len(mailbox.raw) == 150


def test_the_engine_leaves_it_to_workers_that_get_on(mailbox: Mailbox) -> None:
    page = make_page()
    for _ in range(3):
        make_subscriber(page)
    now = clock.now()
    make_public_incident(page, now=now)
    run_once("status_mailings", now=now)
    helper = Helper()
    for second in range(0, 30, 3):
        helper.look(Tick(now=now + timedelta(seconds=second), deadline=time.monotonic() + 30))
        first = Notice.objects.filter(state="pending").order_by("pk").first()
        if first is not None:
            Notice.objects.filter(pk=first.pk).update(state="sent")
    assert not mailbox.raw


def test_a_mail_server_that_is_away_costs_one_try_and_no_notice(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens
    lines.close()
    page = make_page()
    for _ in range(300):
        make_subscriber(page)
    make_public_incident(page)
    began = time.monotonic()
    assert send_everything() == BATCH["email"]  # type: ignore[index]
    assert send_everything() == 0
    assert time.monotonic() - began < SHUT_S, "a lane is not held while the server is away"
    assert lines.is_shut()
    assert set(Notice.objects.values_list("state", "tries")) == {("pending", 0)}
    lines.close()
