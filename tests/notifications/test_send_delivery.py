"""Sending: claims, outcomes, retries, the next way, and that nothing is sent twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from django.db import OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from engine import broker, clock, duties
from ledger.queries import entries
from notifications.models import Attempt, ContactMethod, Delivery, Page, Responder
from notifications.operations.claim_deliveries import claim
from notifications.operations.send_delivery import send_delivery
from tests.builders import NOW, add_rule, make_method, make_page, make_person
from tests.notifications.answering import paged, results
from tests.notifications.watching import advance
from tests.phones import Phones


def test_a_due_delivery_is_sent_once_and_its_attempt_kept(phones: Phones) -> None:
    _, (text,) = paged("sms")
    assert send_delivery(text.pk, now=NOW)
    assert not send_delivery(text.pk, now=NOW)
    (message,) = phones.all("messages")
    text.refresh_from_db()
    assert (text.state, text.provider, text.provider_ref) == ("sent", "twilio", message["sid"])
    assert results(text) == [("accepted", "queued")]
    assert Attempt.objects.get(delivery=text).latency_ms is not None


def test_a_text_that_nothing_stands_in_the_way_of_asks_the_database_thrice(phones: Phones) -> None:
    _, (text,) = paged("sms")
    with CaptureQueriesContext(connection) as queries:
        assert send_delivery(text.pk, now=NOW)
    asked = [each["sql"].split(None, 1)[0] for each in queries if each["sql"] not in ("BEGIN", "COMMIT")]
    # The claim, whether something newer of the page goes instead, the answer: no breaker, no turn, no carrier.
    assert asked == ["WITH", "SELECT", "WITH"]
    del phones


def test_a_provider_is_never_called_inside_a_transaction(phones: Phones) -> None:
    _, (text,) = paged("sms")
    with transaction.atomic(), pytest.raises(TransactionManagementError):
        send_delivery(text.pk, now=NOW)
    assert phones.all("messages") == []


def test_of_two_senders_one_sends(phones: Phones) -> None:
    _, (text,) = paged("sms")
    begin = threading.Barrier(2)

    def send() -> None:
        begin.wait()
        send_delivery(text.pk, now=NOW)
        connection.close()

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(phones.all("messages")) == 1


def test_what_is_not_due_or_not_pending_or_not_there_is_left_alone(phones: Phones) -> None:
    _, (text,) = paged("sms")
    assert not send_delivery(text.pk, now=NOW - timedelta(seconds=1))
    assert not send_delivery(text.pk + 1000, now=NOW)
    Delivery.objects.filter(pk=text.pk).update(state="cancelled", ended_at=NOW)
    assert not send_delivery(text.pk, now=NOW)
    assert phones.all("messages") == []


def test_older_messages_of_a_page_to_one_phone_are_merged_into_the_newest(phones: Phones) -> None:
    page, (first,) = paged("sms")
    again = [
        Delivery.objects.create(
            page=page,
            person=first.person,
            contact_method=first.contact_method,
            channel="sms",
            address=first.address,
            not_before=NOW,
            created_at=NOW,
        )
        for _ in range(2)
    ]
    assert [each.id for each in claim([again[1].pk], now=NOW)] == [again[1].pk]
    states = Delivery.objects.filter(page=page).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "cancelled", "sending"]
    first.refresh_from_db()
    assert "newer" in first.reason


def test_a_contact_method_switched_off_after_queueing_gets_nothing_and_the_next_way_goes(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    add_rule(make_method(ada, "voice"), delay_s=600)
    page = make_page(ada)
    advance()
    text, call = Delivery.objects.filter(page=page).order_by("not_before")
    ContactMethod.objects.filter(deliveries=text).update(disabled_at=NOW)
    send_delivery(text.pk, now=NOW)
    text.refresh_from_db()
    call.refresh_from_db()
    assert phones.all("messages") == []
    assert text.state == "failed"
    assert "switched off" in text.reason
    assert call.not_before <= NOW + timedelta(seconds=5)


def test_what_belongs_to_an_ended_page_or_is_too_late_is_not_sent(phones: Phones) -> None:
    page, (text,) = paged("sms")
    Page.objects.filter(pk=page.pk).update(state="cancelled", cancel_reason="resolved", ended_at=NOW)
    send_delivery(text.pk, now=NOW)
    late = Delivery.objects.create(
        person=text.person,
        contact_method=text.contact_method,
        kind="news",
        channel="sms",
        address=text.address,
        not_before=NOW,
        created_at=NOW,
        expires_at=NOW,
    )
    send_delivery(late.pk, now=NOW)
    text.refresh_from_db()
    late.refresh_from_db()
    assert (text.state, late.state) == ("cancelled", "expired")
    assert phones.all("messages") == []


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ({"http": 503}, "20503"),
        ({"http": 429}, "20429"),
        ({"http": 500}, "20500"),
        ({"disconnect": "before"}, "no_answer"),
    ],
)
def test_a_bad_moment_is_tried_again_and_the_second_way_goes_at_once(
    phones: Phones, behaviour: dict[str, Any], code: str
) -> None:
    ada = make_person("Ada", methods=["sms"])
    add_rule(make_method(ada, "voice"), delay_s=600)
    page = make_page(ada)
    advance()
    text, call = Delivery.objects.filter(page=page).order_by("not_before")
    phones.script({text.address: {**behaviour, "count": 1}})
    send_delivery(text.pk, now=NOW)
    text.refresh_from_db()
    call.refresh_from_db()
    assert text.state == "pending"
    assert timedelta(seconds=2) <= text.not_before - NOW < timedelta(seconds=12)
    assert call.not_before < NOW + timedelta(seconds=10)
    assert results(text)[0][1] == code
    send_delivery(text.pk, now=text.not_before)
    text.refresh_from_db()
    assert text.state == "sent"
    assert text.tries == 2


def test_a_database_that_goes_away_before_the_sending_fails_no_message(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, (text,) = paged("sms")

    def lost(_claimed: object) -> NoReturn:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as away:
        away.setattr("notifications.operations.send_delivery.compose", lost)
        send_delivery(text.pk, now=NOW)
    text.refresh_from_db()
    page.refresh_from_db()
    assert (text.state, text.repeated, page.state) == ("pending", False, "paging")
    assert results(text) == [("temporary", "database")]
    assert duties.run_once("deliveries", now=NOW + timedelta(seconds=5)) == 1
    assert [message["to"] for message in phones.all("messages")] == [text.address]


def test_retry_after_is_honoured(phones: Phones) -> None:
    _, (text,) = paged("sms")
    phones.script({text.address: {"http": [429], "retry_after_s": 40}})
    send_delivery(text.pk, now=NOW)
    text.refresh_from_db()
    assert text.not_before - NOW >= timedelta(seconds=40)


def test_tries_end_and_the_failure_is_visible(phones: Phones) -> None:
    page, (text,) = paged("sms")
    phones.script({text.address: {"http": 503}})
    now = NOW
    for _ in range(20):
        if not send_delivery(text.pk, now=now):
            break
        text.refresh_from_db()
        now = max(now, text.not_before)
    assert text.state == "failed"
    assert text.tries == 7
    assert len(results(text)) == 7
    page.refresh_from_db()
    assert "could not be reached" in page.trouble
    assert Responder.objects.get(page=page).state == "unreachable"


def test_a_number_that_does_not_exist_is_switched_off_recorded_and_the_next_way_goes(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    add_rule(make_method(ada, "voice"), delay_s=600)
    page = make_page(ada)
    advance()
    text, call = Delivery.objects.filter(page=page).order_by("not_before")
    phones.script({text.address: {"http": 400, "code": 21211}})
    send_delivery(text.pk, now=NOW)
    text.refresh_from_db()
    call.refresh_from_db()
    method = ContactMethod.objects.get(deliveries=text)
    assert text.state == "failed"
    assert results(text) == [("permanent", "21211")]
    assert method.disabled_at is not None
    assert "21211" in method.disabled_reason
    assert call.not_before <= NOW + timedelta(seconds=5)
    assert [entry.verb for entry in entries("settings:people")] == ["contact_method.disabled"]


def test_wrong_credentials_alarm_the_administrators_once(phones: Phones, settings: Any) -> None:
    make_person("Alma", methods=["sms", "email"])
    pages = [paged("sms")[1][0] for _ in range(3)]
    settings.TWILIO_AUTH_TOKEN = "wrong" * 6
    for text in pages:
        send_delivery(text.pk, now=NOW)
    alarms = Delivery.objects.filter(kind="alarm")
    assert sorted(alarms.values_list("channel", flat=True)) == ["email", "sms"]
    for alarm in alarms:
        send_delivery(alarm.pk, now=NOW + timedelta(minutes=1))
    (mail,) = phones.wait_for("mail")
    assert "sms" in mail["text"]
    assert Delivery.objects.filter(kind="alarm").count() == 2, "an alarm that fails rings no alarm"


def test_the_engine_sends_what_nobody_sent_after_two_seconds(phones: Phones, monkeypatch: pytest.MonkeyPatch) -> None:
    _, (text,) = paged("sms")
    monkeypatch.setattr(broker, "_publisher", broker.Publisher())  # whatever the broker was like before
    assert duties.run_once("deliveries", now=NOW + timedelta(seconds=1)) == 0
    assert duties.run_once("deliveries", now=NOW + timedelta(seconds=2)) == 1
    assert [message["to"] for message in phones.all("messages")] == [text.address]


def test_the_engine_gives_workers_no_time_while_the_broker_takes_nothing(
    phones: Phones, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"  # the discard port: nobody answers
    monkeypatch.setattr(broker, "_publisher", broker.Publisher())
    _, (text,) = paged("sms")
    broker.hand_over("notifications.deliver", [str(text.pk)], "page")
    assert broker.publisher().settle(within_s=2)
    assert duties.run_once("deliveries", now=NOW) == 1
    assert [message["to"] for message in phones.all("messages")] == [text.address]


def test_a_contact_rules_delay_is_kept_by_the_engine(phones: Phones) -> None:
    ada = make_person("Ada", methods=[])
    add_rule(make_method(ada, "sms"), delay_s=60)
    make_page(ada)
    advance()
    assert duties.run_once("deliveries", now=NOW + timedelta(seconds=59)) == 0
    assert duties.run_once("deliveries", now=NOW + timedelta(seconds=60)) == 1
    assert len(phones.all("messages")) == 1


def test_a_hanging_phone_number_holds_nobody_else_up(phones: Phones) -> None:
    deliveries = [paged("sms")[1][0] for _ in range(12)]
    hanging = deliveries[:3]
    phones.script({each.address: {"hang_s": 4} for each in hanging})
    began = clock.now()
    duties.run_once("deliveries", now=NOW + timedelta(seconds=2))
    others = {each.address for each in deliveries[3:]}
    arrived = [message["received_at"] for message in phones.all("messages") if message["to"] in others]
    assert len(arrived) == 9
    assert max(arrived) < (began + timedelta(seconds=2)).isoformat()
