"""Many at once: slots, the worker's dispatcher, links."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from hypothesis import given
from hypothesis import strategies as st

from engine import broker, clock
from notifications import page_links
from notifications.models import Delivery
from notifications.operations.outbox import post, withdraw
from notifications.sending import Dispatcher
from notifications.sending_pool import SendingPool
from notifications.tasks import deliver
from tests.builders import NOW, make_page, make_person
from tests.phones import Phones
from web.errors import LinkExpired, NotFound


def written(person: object, *, count: int = 1, kind: str = "test", due_in_s: int = 0) -> list[Delivery]:
    """Write deliveries to a person's first contact method through the outbox."""
    now = clock.now()
    method = person.contact_methods.all()[0]  # type: ignore[attr-defined]
    with transaction.atomic():
        return post(
            [
                Delivery(
                    person=method.person,
                    contact_method=method,
                    kind=kind,
                    channel=method.channel,
                    address=method.address,
                    content={"headline": f"Number {number}"},
                    not_before=now + timedelta(seconds=due_in_s),
                    created_at=now,
                )
                for number in range(count)
            ]
        )


def test_a_worker_sends_what_it_is_told_and_a_doubled_or_stale_message_does_nothing(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = SendingPool(slots=4, name="test-send")
    dispatcher = Dispatcher(pool=pool)
    monkeypatch.setattr("notifications.tasks.dispatcher", dispatcher)
    ada = make_person("Ada", methods=["sms"])
    ids = ",".join(str(each.pk) for each in written(ada, count=20))
    for message in (ids, ids, "999999"):
        deliver(message)
    assert len(phones.wait_for("messages", count=20)) == 20
    dispatcher.close()
    assert pool.is_idle()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert len(phones.all("messages")) == 20


def test_slots_bound_what_runs_and_come_back_after_errors() -> None:
    pool = SendingPool(slots=3, name="test-slots")
    running, most = [0], [0]
    lock = threading.Lock()

    def job() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1
        raise ValueError("as providers do")

    for _ in range(12):
        assert pool.take(at_most=1, wait_s=5) == 1
        pool.submit(job)
    pool.close()
    assert most == [3]
    assert pool.is_idle()
    assert pool.take(at_most=10, wait_s=0) == 3
    assert pool.take(at_most=1, wait_s=0.01) == 0


@pytest.mark.django_db(transaction=True)
def test_due_deliveries_are_handed_over_after_the_commit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[tuple[str, list[str], str]] = []
    monkeypatch.setattr(broker, "hand_over", lambda task, ids, queue: handed.append((task, list(ids), queue)))
    ada = make_person("Ada", methods=["sms"])
    (now_due,) = written(ada)
    written(ada, due_in_s=60)
    (news,) = written(ada, kind="news")
    assert handed == [
        ("notifications.deliver", [str(now_due.pk)], "page"),
        ("notifications.deliver", [str(news.pk)], "chat"),
    ]
    handed.clear()
    many = written(ada, count=20)
    assert [len(ids.split(",")) for ids in handed[0][1]] == [8, 8, 4]
    assert ",".join(handed[0][1]) == ",".join(str(each.pk) for each in many)
    handed.clear()
    with transaction.atomic():
        written(ada)
        transaction.set_rollback(True)
    assert handed == []


@pytest.mark.django_db(transaction=True)
def test_the_outbox_is_written_in_a_transaction_only() -> None:
    ada = make_person("Ada", methods=["sms"])
    page = make_page(ada)
    assert not connection.in_atomic_block
    with pytest.raises(TransactionManagementError):
        post([Delivery(person=ada, channel="sms", address="+1", not_before=NOW, created_at=NOW)])
    with pytest.raises(TransactionManagementError):
        withdraw(page_id=page.pk, reason="resolved", now=NOW)


@given(
    delivery_id=st.integers(0, 2**63 - 1),
    other=st.integers(0, 2**63 - 1),
    age=st.integers(1, 10**6),
    place=st.integers(0, 30),
)
def test_a_link_is_good_for_its_delivery_purpose_and_time_only(
    delivery_id: int, other: int, age: int, place: int
) -> None:
    expires_at = NOW + timedelta(seconds=age)
    token = page_links.sign("page", delivery_id, expires_at=expires_at)
    assert len(token) <= 45
    assert page_links.read("page", token, now=NOW) == delivery_id
    with pytest.raises(LinkExpired):
        page_links.read("page", token, now=expires_at)
    with pytest.raises(NotFound):
        page_links.read("voice", token, now=NOW)
    spoilt = token[: place % len(token)] + "~" + token[place % len(token) + 1 :]
    with pytest.raises(NotFound):
        page_links.read("page", spoilt, now=NOW)
    forged = page_links.sign("page", other, expires_at=expires_at).rpartition("-")[0] + token[-23:]
    if other != delivery_id:
        with pytest.raises(NotFound):
            page_links.read("page", forged, now=NOW)


def test_the_most_urgent_goes_first_however_many_wait(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    many = written(ada, count=30)
    (urgent,) = written(ada)
    Delivery.objects.filter(pk=urgent.pk).update(severity=1)
    dispatcher = Dispatcher(pool=SendingPool(slots=2, name="test-urgent"))
    dispatcher.add([each.pk for each in (*many, urgent)])
    messages = phones.wait_for("messages", count=31)
    dispatcher.close()
    place = next(n for n, each in enumerate(messages) if each["sid"] == Delivery.objects.get(pk=urgent.pk).provider_ref)
    assert place <= 1
