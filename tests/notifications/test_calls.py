"""Calls: what is said, what a key does, and who is reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import clock, duties
from ledger.queries import entries
from notifications import page_links
from notifications.channels.registry import channel
from notifications.channels.twilio.states import message_news
from notifications.models import Attempt, Delivery, Responder
from tests.builders import add_rule, make_method, make_page, make_person, make_policy
from tests.notifications.answering import page_now, post_signed, send_all, states, wait_until
from tests.phones import Phones

KEYS = "Press 1 to acknowledge"


def test_pressing_1_acknowledges_and_is_confirmed_in_words(phones: Phones) -> None:
    phones.call_back()
    page = page_now(make_person("Ada", methods=["voice"]), title="Power lost in hall 2")
    (call,) = phones.wait_for("calls")
    said = phones.pick_up(call, "1")
    assert said.startswith("Hello Ada. This is Muster. Power lost in hall 2. Press 1 to acknowledge.")
    assert "Ada, you have acknowledged it." in said
    page.refresh_from_db()
    assert page.state == "acknowledged"
    assert states(page) == {"Ada": "acknowledged"}
    assert Responder.objects.get(page=page).via == "voice"
    assert entries(f"page:{page.pk}")[-1].actor_via == "voice"


def test_an_answered_call_without_a_key_is_no_acknowledgement_and_the_next_way_goes(phones: Phones) -> None:
    phones.call_back()
    ada = make_person("Ada", methods=["voice"])
    add_rule(make_method(ada, "sms"), delay_s=600)
    page = page_now(ada)
    (call,) = phones.wait_for("calls")
    said = phones.pick_up(call, "w")
    assert said.count(KEYS) == 2
    assert "No key was pressed" in said
    phones.wait_for("calls", state="completed")
    for delivery in Delivery.objects.filter(page=page, channel="sms"):
        wait_until(delivery, lambda each: each.not_before <= clock.now())
    page.refresh_from_db()
    assert page.state == "paging"
    assert states(page) == {"Ada": "delivered"}
    assert Delivery.objects.get(page=page, channel="voice").state == "delivered"


@pytest.mark.parametrize(("how", "code"), [("ignore", "no-answer"), ("busy", "busy")])
def test_nobody_there_fails_with_its_code_and_the_next_way_goes_at_once(phones: Phones, how: str, code: str) -> None:
    phones.call_back()
    ada = make_person("Ada", methods=["voice"])
    add_rule(make_method(ada, "sms"), delay_s=600)
    page = page_now(ada)
    (call,) = phones.wait_for("calls")
    phones.let_ring(call, how)
    rung = Delivery.objects.get(page=page, channel="voice")
    wait_until(rung, lambda each: each.state == "failed")
    assert Attempt.objects.filter(delivery=rung).order_by("-id").first().code == code  # type: ignore[union-attr]
    assert Delivery.objects.get(page=page, channel="sms").not_before <= clock.now()


def test_a_voicemail_is_nobody_where_twilio_looks_for_machines(phones: Phones, settings: Any) -> None:
    settings.TWILIO_MACHINE_DETECTION = "on"
    phones.call_back()
    ada = make_person("Ada", methods=["voice"])
    add_rule(make_method(ada, "sms"), delay_s=600)
    page = page_now(ada)
    (call,) = phones.wait_for("calls")
    phones.let_ring(call, "voicemail")
    rung = Delivery.objects.get(page=page, channel="voice")
    wait_until(rung, lambda each: each.state == "failed")
    assert "machine" in rung.reason
    assert Delivery.objects.get(page=page, channel="sms").not_before <= clock.now()
    assert states(page) == {"Ada": "called"}


def test_pressing_2_calls_the_next_person_and_9_declines(phones: Phones) -> None:
    phones.call_back()
    page = page_now(*(make_person(name, methods=["voice"]) for name in ("Otto", "Olga", "Max")))
    (first,) = phones.wait_for("calls")
    said = phones.pick_up(first, "2")
    assert "Olga" in said
    send_all(page)
    (_, second) = phones.wait_for("calls", count=2)
    said = phones.pick_up(second, "9")
    assert states(page)["Olga"] == "declined"
    assert "Max" in said


def test_3_repeats_and_other_keys_mean_nothing(phones: Phones) -> None:
    phones.call_back()
    page = page_now(make_person("Ada", methods=["voice"]))
    (call,) = phones.wait_for("calls")
    said = phones.pick_up(call, "351")
    assert said.count("Hello Ada") == 3
    assert "That key means nothing here." in said
    page.refresh_from_db()
    assert page.state == "acknowledged"


def test_who_presses_after_others_hears_who_has_it(phones: Phones) -> None:
    phones.call_back()
    ada, vic = make_person("Ada", methods=["voice"]), make_person("Vic", methods=["voice"])
    now = clock.now()
    page = make_page(make_policy((300, [ada, vic])), now=now)
    duties.run_once("pages", now=now)
    send_all(page)
    calls = {call["to"]: call for call in phones.wait_for("calls", count=2)}
    phones.pick_up(calls[ada.contact_methods.get().address], "1")
    said = phones.pick_up(calls[vic.contact_methods.get().address], "1")
    assert "Ada has it since" in said


def test_an_acknowledgement_hangs_up_what_still_rings(phones: Phones) -> None:
    phones.call_back()
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic", methods=["voice"])
    now = clock.now()
    page = make_page(make_policy((300, [ada, vic])), now=now)
    duties.run_once("pages", now=now)
    send_all(page)
    phones.wait_for("calls", state="ringing")
    (text,) = phones.wait_for("messages")
    phones.reply(text, "1")
    duties.run_once("withdrawals", now=clock.now())
    phones.wait_for("calls", state="canceled")
    rung = Delivery.objects.get(page=page, channel="voice")
    wait_until(rung, lambda each: each.state == "cancelled")
    assert rung.withdraw_at is None


def test_a_retried_key_press_escalates_once(phones: Phones, settings: Any) -> None:
    page = page_now(*(make_person(name, methods=["voice"]) for name in ("Otto", "Olga", "Max")))
    delivery = Delivery.objects.get(page=page)
    token = page_links.sign("voice", delivery.pk, expires_at=clock.now() + timedelta(hours=1))
    for _ in range(2):
        answer = post_signed(
            settings,
            f"/twilio/voice/{token}/answer",
            {"CallSid": "CA1", "Digits": "2"},
            **{"I-Twilio-Idempotency-Token": "same"},
        )
        assert answer.status_code == 200
    assert set(states(page)) == {"Otto", "Olga"}


def test_somebody_who_calls_back_hears_what_it_was_about(phones: Phones, settings: Any) -> None:
    ada = make_person("Ada", methods=["voice"])
    page_now(ada, title="Power lost in hall 2")
    data = {"CallSid": "CA1", "From": ada.contact_methods.get().address}
    assert b"Power lost in hall 2" in post_signed(settings, "/twilio/voice", data).content
    stranger = post_signed(settings, "/twilio/voice", {"CallSid": "CA2", "From": "+12065559999"})
    assert b"Reject" in stranger.content


def test_what_no_callback_spoke_of_is_asked_for(phones: Phones) -> None:
    ada = make_person("Ada", methods=["voice"])
    add_rule(make_method(ada, "sms"), delay_s=600)
    page = page_now(ada)
    (call,) = phones.wait_for("calls")
    phones.let_ring(call, "busy")
    rung = Delivery.objects.get(page=page, channel="voice")
    assert rung.check_at is not None
    assert duties.run_once("receipts", now=rung.check_at - timedelta(seconds=1)) == 0
    assert duties.run_once("receipts", now=rung.check_at) == 1
    assert Delivery.objects.filter(pk=rung.pk, state="failed", check_at=None).exists()
    assert Delivery.objects.get(page=page, channel="sms").not_before < clock.now() + timedelta(seconds=60)


@pytest.mark.parametrize(("word", "comes"), [("queued", True), ("sent", False)])
def test_a_text_that_twilio_has_not_passed_on_in_a_minute_has_another_way_taken_beside_it(
    phones: Phones, monkeypatch: pytest.MonkeyPatch, word: str, *, comes: bool
) -> None:
    ada = make_person("Ada", methods=["sms"])
    add_rule(make_method(ada, "voice"), delay_s=600)
    page = page_now(ada)
    text = Delivery.objects.get(page=page, channel="sms")
    news = message_news(ref=text.provider_ref, status=word)
    monkeypatch.setattr(type(channel("sms")), "ask", lambda *_arguments: news)
    now = clock.now() + timedelta(seconds=60)
    Delivery.objects.filter(pk=text.pk).update(check_at=now, provider_rank=1)
    duties.run_once("receipts", now=now)
    assert (Delivery.objects.get(page=page, channel="voice").not_before <= now) is comes


def test_a_call_held_up_at_the_provider_has_another_way_taken_beside_it(phones: Phones) -> None:
    ada = make_person("Ada", methods=["voice"])
    add_rule(make_method(ada, "sms"), delay_s=600)
    page = page_now(ada)
    rung = Delivery.objects.get(page=page, channel="voice")
    now = clock.now() + timedelta(seconds=31)
    Delivery.objects.filter(pk=rung.pk).update(check_at=now)
    duties.run_once("receipts", now=now)
    rung.refresh_from_db()
    assert rung.state == "sent"
    assert Delivery.objects.get(page=page, channel="sms").not_before <= now
