"""A provider that hangs: what goes by others goes on, from a worker and from the engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connections, transaction

from engine import clock
from engine.duties import Tick
from notifications import sending_pool
from notifications.channels.base import Message, Receipt, TemporaryFailure
from notifications.models import Delivery
from notifications.operations.outbox import post
from notifications.operations.sweep_deliveries import send_overdue
from notifications.sending import Dispatcher
from notifications.sending_pool import Hanging, SendingPool
from tests.builders import make_method, make_person
from tests.notifications.carriers import Carrier, carriers_of

pytestmark = pytest.mark.django_db(transaction=True)
LONG_S = 60.0


class HangingCarrier(Carrier):
    """Fails slowly at first, as many times as there are slots, and then does not come back until it gives up."""

    def __init__(self, kind: str, provider: str) -> None:
        super().__init__(kind, provider)
        self.slow_at_first = 0
        self.gives_up = threading.Event()
        self.asked = 0

    def send(self, message: Message) -> Receipt:
        """Hang, then fail."""
        del message
        self.asked += 1
        self.gives_up.wait(0.3 if self.asked <= self.slow_at_first else LONG_S)
        raise TemporaryFailure("Nobody answers.", code="unreachable")


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingCarrier]:
    monkeypatch.setattr(sending_pool, "HANGS_S", 0.2)
    monkeypatch.setattr(sending_pool, "hanging", Hanging())
    texts = HangingCarrier("sms", "hangs")
    yield texts
    texts.gives_up.set()


@pytest.fixture
def mails(texts: HangingCarrier) -> Iterator[Carrier]:
    mails = Carrier("email", "quick")
    with carriers_of("sms", texts), carriers_of("email", mails):
        yield mails


def written(*, texts: int, mails: int) -> list[int]:
    """Write so many texts, and then mails; return their ids."""
    ada, now = make_person("Ada", methods=[]), clock.now()
    methods = [make_method(ada, "sms")] * texts + [make_method(ada, "email")] * mails
    with transaction.atomic():
        return [
            each.pk
            for each in post(
                [
                    Delivery(
                        person=ada,
                        contact_method=method,
                        kind="test",
                        channel=method.channel,
                        address=method.address,
                        content={"headline": "A test"},
                        not_before=now,
                        created_at=now,
                    )
                    for method in methods
                ]
            )
        ]


def eventually(so: Callable[[], bool]) -> bool:
    ends = time.monotonic() + LONG_S / 2
    while not so() and time.monotonic() < ends:
        time.sleep(0.02)
    return so()


def test_a_worker_keeps_slots_for_the_others(texts: HangingCarrier, mails: Carrier) -> None:
    texts.slow_at_first = 4
    pool = SendingPool(slots=4, name="test-hangs")
    dispatcher = Dispatcher(pool=pool)
    dispatcher.add(written(texts=30, mails=5))
    try:
        assert eventually(lambda: len(mails.sent) == 5), "they wait behind texts that nobody takes"
        assert pool.crowded() == (["sms"], None)
        assert 4 < texts.asked <= 7, "what hangs goes on beside them"
    finally:
        texts.gives_up.set()
        dispatcher.close()


def test_the_engine_keeps_slots_for_the_others(texts: HangingCarrier, mails: Carrier) -> None:
    texts.slow_at_first = 8
    written(texts=120, mails=5)
    tick = Tick(now=clock.now() + timedelta(seconds=3), deadline=time.monotonic() + LONG_S)

    def run() -> None:
        try:
            send_overdue(tick)
        finally:
            connections.close_all()

    engine = threading.Thread(target=run)
    engine.start()
    try:
        assert eventually(lambda: len(mails.sent) == 5), "they wait behind texts that nobody takes"
        assert texts.asked <= 12
    finally:
        object.__setattr__(tick, "deadline", 0.0)
        texts.gives_up.set()
        engine.join(LONG_S)


def test_quick_calls_make_a_kind_a_quick_one_again() -> None:
    found = Hanging()
    for _ in range(sending_pool.TOO_MANY - 1):
        found.note("sms", took_s=9.0)
    assert found.kinds() == []
    for _ in range(100):
        found.note("sms", took_s=9.0)
    found.note("email", took_s=0.1)
    assert found.kinds() == ["sms"]
    for _ in range(sending_pool.MOST_REMEMBERED):
        found.note("sms", took_s=0.1)
    assert found.kinds() == []
