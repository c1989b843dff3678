"""`kill -9` of a real worker amid a notice to customers: nobody is missed, and who is written twice reads it."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from engine import broker, clock
from engine.duties import run_once
from resets.models import Notice, NoticeLetter
from resets.notices.letters import LEASE, MOST
from resets.notices.mail import REPEATED
from resets.notices.operations.send_notice import DUTY
from resets.notices.sending import LANES
from tests.resets.notices.telling import approved, make_reset, move, send
from tests.statuspage.subscribers.mail_server import Mailbox
from tests.statuspage.subscribers.test_killed_sender import worker

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS = 600


def drive_until(reached: Callable[[], bool]) -> None:
    """Do what the engine does until something has happened."""
    until = time.monotonic() + 90
    while not reached():
        assert time.monotonic() < until, "the worker sent nothing"
        run_once(DUTY, now=clock.now())
        assert broker.publisher().settle(within_s=10)
        time.sleep(0.05)


def test_a_worker_killed_half_way_misses_nobody_and_repeats_nothing_unmarked(mailbox: Mailbox) -> None:
    reset = make_reset([{"login": f"u{n}", "email": f"u{n}@d{n % 50}.example"} for n in range(CUSTOMERS)])
    notice = send(approved(reset), now=clock.now())
    mailbox.slow_s = 0.02
    with worker(mailbox) as process:
        drive_until(lambda: len(mailbox.raw) >= CUSTOMERS // 4)
        # A batch that is found under way from here on has a mail that takes longer than killing its sender.
        mailbox.slow_s = 3.0
        time.sleep(0.3)
        drive_until(lambda: NoticeLetter.objects.filter(notice=notice, state="sending").exists())
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = Counter(NoticeLetter.objects.filter(notice=notice).values_list("state", flat=True))
    assert left["sending"], f"the worker was to die amid its mails: {left}"

    mailbox.slow_s = 0.0
    moment = clock.now() + LEASE
    for _ in range(30):
        moment += LEASE / 60
        move(moment)
    assert set(NoticeLetter.objects.values_list("state", flat=True)) == {"sent"}
    notice.refresh_from_db()
    assert notice.state == Notice.State.DONE
    arrived = Counter(mailbox.receivers())
    assert len(arrived) == CUSTOMERS
    assert set(arrived.values()) <= {1, 2}
    marked = {mail["To"] for mail in mailbox.mails() if mail[REPEATED] == "1"}
    assert {address for address, count in arrived.items() if count > 1} <= marked
    assert len(marked) <= LANES * MOST
