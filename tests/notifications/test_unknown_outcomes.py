"""When nobody knows whether a message left: the provider is asked, and what may be a repeat says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from engine import clock, duties
from notifications.channels.base import PermanentFailure
from notifications.channels.registry import channel
from notifications.models import Delivery
from notifications.operations.acknowledge import acknowledge
from notifications.operations.claim_deliveries import LEASE, claim
from notifications.operations.send_delivery import send_claimed, send_delivery
from tests.builders import NOW, by, make_person
from tests.notifications.answering import paged, results
from tests.phones import Phones


def test_a_provider_that_hangs_is_asked_and_the_message_it_made_is_not_repeated(phones: Phones) -> None:
    _, (text,) = paged("sms")
    phones.script({text.address: {"hang_s": 8, "count": 1}})
    now = clock.now()
    Delivery.objects.filter(pk=text.pk).update(not_before=now, created_at=now)
    send_delivery(text.pk, now=now)
    text.refresh_from_db()
    (message,) = phones.all("messages")
    assert text.state == "sent"
    assert text.provider_ref == message["sid"]
    assert not text.repeated
    assert [result for result, _ in results(text)] == ["unknown", "found"]


def test_a_connection_cut_without_a_trace_is_repeated_and_marked(phones: Phones) -> None:
    _, (call,) = paged("voice")
    phones.script({call.address: {"disconnect": "before", "count": 1}})
    send_delivery(call.pk, now=NOW)
    call.refresh_from_db()
    assert (call.state, call.repeated) == ("pending", True)
    assert [result for result, _ in results(call)] == ["unknown", "not_found"]


def test_an_answer_to_an_older_claim_moves_nothing_but_is_kept(phones: Phones) -> None:
    _, (text,) = paged("sms")
    (older,) = claim([text.pk], now=NOW)
    Delivery.objects.filter(pk=text.pk).update(state="pending", lease_until=None)
    (newer,) = claim([text.pk], now=NOW)
    send_claimed(older)
    text.refresh_from_db()
    assert (text.state, text.fence) == ("sending", newer.fence)
    assert results(text) == [("accepted", "queued")]


def test_a_sender_that_died_before_calling_is_noticed_and_the_page_goes_out_marked(phones: Phones) -> None:
    _, (text,) = paged("sms")
    claim([text.pk], now=NOW)
    after = NOW + LEASE
    assert duties.run_once("leases", now=after - timedelta(seconds=1)) == 0
    assert duties.run_once("leases", now=after) == 1
    text.refresh_from_db()
    assert (text.state, text.repeated) == ("pending", True)
    duties.run_once("deliveries", now=text.not_before + timedelta(seconds=1))
    assert len(phones.all("messages")) == 1


def test_a_sender_that_died_after_calling_is_noticed_and_nothing_is_repeated(phones: Phones) -> None:
    _, (text,) = paged("sms")
    now = clock.now()
    Delivery.objects.filter(pk=text.pk).update(not_before=now, created_at=now)
    (claimed,) = claim([text.pk], now=now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("notifications.operations.record_outcome.record_outcome", _die)
        with pytest.raises(ConnectionAbortedError):
            send_claimed(claimed)
    text.refresh_from_db()
    assert (text.provider_ref, text.state) == ("", "sending")
    duties.run_once("leases", now=now + LEASE)
    duties.run_once("deliveries", now=now + LEASE * 2)
    text.refresh_from_db()
    (message,) = phones.all("messages")
    assert text.provider_ref == message["sid"]
    assert text.state == "sent"


def _die(*_args: object, **_kwargs: object) -> None:
    raise ConnectionAbortedError("killed")


def test_chatter_of_unknown_outcome_is_not_repeated(phones: Phones) -> None:
    ada = make_person("Ada", methods=["email"])
    method = ada.contact_methods.get()
    news = Delivery.objects.create(
        person=ada,
        contact_method=method,
        kind="news",
        channel="email",
        address=method.address,
        content={"headline": "Olga has command"},
        not_before=NOW,
        created_at=NOW,
    )
    claim([news.pk], now=NOW)
    duties.run_once("leases", now=NOW + LEASE)
    news.refresh_from_db()
    assert news.state == "failed"
    assert phones.all("mail") == []


def test_what_was_answered_while_it_was_being_sent_is_not_tried_again(phones: Phones) -> None:
    page, (text,) = paged("sms")
    phones.script({text.address: {"http": 503}})
    (claimed,) = claim([text.pk], now=NOW)
    ada = text.person
    with transaction.atomic():
        acknowledge(page_id=page.pk, person=ada, by=by(ada), now=NOW)
    send_claimed(claimed)
    text.refresh_from_db()
    assert (text.state, text.withdraw_at) == ("failed", None)
    assert duties.run_once("deliveries", now=NOW + timedelta(hours=1)) == 0


def test_a_look_up_that_breaks_is_an_unknown_outcome_and_the_page_goes_again(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (text,) = paged("sms")
    claim([text.pk], now=NOW)

    def break_(*_arguments: object, **_options: object) -> None:
        raise KeyError("date_sent")

    monkeypatch.setattr(type(channel("sms")), "look_up", break_)
    duties.run_once("leases", now=NOW + LEASE)
    text.refresh_from_db()
    assert (text.state, text.repeated) == ("pending", True)
    assert "KeyError" in text.reason


def test_a_providers_words_with_a_nul_are_kept(phones: Phones, monkeypatch: pytest.MonkeyPatch) -> None:
    _, (text,) = paged("sms")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermanentFailure("No\0such number", scope="message", code="5\0")

    monkeypatch.setattr(type(channel("sms")), "send", refuse)
    send_delivery(text.pk, now=NOW)
    text.refresh_from_db()
    assert (text.state, text.reason) == ("failed", "No such number")
