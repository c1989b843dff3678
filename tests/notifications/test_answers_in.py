"""Answers that come in: keys on a call, texts, links; and the provider's own words about what it took."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from twilio.request_validator import RequestValidator

from engine import clock, duties
from ledger.queries import entries
from notifications import page_links
from notifications.models import Attempt, ContactMethod, Delivery, InboundReceipt, Page, RefusedCallback, Responder
from notifications.operations.send_delivery import send_delivery
from people.models import Person
from tests.builders import add_rule, make_method, make_page, make_person, make_policy
from tests.phones import Phones

KEYS = "Press 1 to acknowledge"


def page_now(*people: Person, **options: Any) -> Page:
    """Page people at the database's present time, as one level of their own each, and send what is due."""
    now = clock.now()
    page = make_page(make_policy(*((300, [person]) for person in people)), now=now, **options)
    duties.run_once("pages", now=now)
    send_all(page)
    return page


def send_all(page: Page) -> None:
    """Send what is due."""
    for delivery in Delivery.objects.filter(page=page, state="pending").order_by("pk"):
        send_delivery(delivery.pk)


def states(page: Page) -> dict[str, str]:
    """Return each responder's state by name."""
    return {r.person.name: r.state for r in Responder.objects.filter(page=page).select_related("person")}


def post_signed(settings: Any, path: str, data: dict[str, str], **headers: str) -> Any:
    """Post to the product as Twilio does, signed."""
    signature = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(settings.PUBLIC_URL + path, data)
    return Client().post(path, data, headers={"X-Twilio-Signature": signature, **headers})


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


def wait_until(delivery: Delivery, fits: Any) -> None:
    """Wait until a delivery looks as expected, as callbacks come in."""
    for _ in range(100):
        delivery.refresh_from_db()
        if fits(delivery):
            return
        time.sleep(0.05)
    raise AssertionError(f"The delivery stays {delivery.state} ({delivery.reason}).")


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


@pytest.mark.parametrize("body", ["1", " ACK ", "ack.", "Yes!", "1 {code}", "{code}", "{code} 1"])
def test_a_text_acknowledges(phones: Phones, body: str) -> None:
    page = page_now(make_person("Ada", methods=["sms"]), title="Power lost in hall 2")
    (text,) = phones.wait_for("messages")
    assert text["text"].startswith("Power lost in hall 2. Reply 1 to acknowledge, 2 to escalate, 9 if you can't. Code ")
    assert len(text["text"]) <= 160
    answer = phones.reply(text, body.format(code=page.code))
    assert "Ada, you have acknowledged it." in answer
    page.refresh_from_db()
    assert page.state == "acknowledged"


def test_a_code_names_an_older_page_and_a_bare_answer_the_last_one(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    older, newer = page_now(ada, title="Older"), page_now(ada, title="Newer")
    text = phones.wait_for("messages", count=2)[0]
    phones.reply(text, f"1 {older.code}")
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.state, newer.state) == ("acknowledged", "paging")
    phones.reply(text, "ack")
    newer.refresh_from_db()
    assert newer.state == "acknowledged"


def test_texts_escalate_and_decline(phones: Phones) -> None:
    page = page_now(*(make_person(name, methods=["sms"]) for name in ("Otto", "Olga", "Max")))
    (first,) = phones.wait_for("messages")
    assert "Olga" in phones.reply(first, "2")
    send_all(page)
    assert phones.reply(phones.wait_for("messages", count=2)[-1], "can't")
    assert states(page)["Olga"] == "declined"


def test_unknown_and_switched_off_numbers_get_no_answer_and_change_nothing(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    page = page_now(ada)
    (text,) = phones.wait_for("messages")
    assert phones.text_in(number="+12065559999", body=f"1 {page.code}") == ""
    ContactMethod.objects.update(disabled_at=clock.now())
    assert phones.reply(text, "1") == ""
    page.refresh_from_db()
    assert page.state == "paging"


def test_nonsense_is_answered_five_times_until_the_next_page(phones: Phones) -> None:
    ada = make_person("Ada", methods=["sms"])
    page_now(ada)
    (text,) = phones.wait_for("messages")
    answers = [phones.reply(text, f"what is {word} about") for word in ("this", "that", "it", "a", "b", "c")]
    assert ["Reply 1" in answer for answer in answers] == [True] * 5 + [False]
    page_now(ada)
    assert "Reply 1" in phones.reply(text, "huh")


def test_stop_and_start_concern_every_method_of_the_number(phones: Phones) -> None:
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic", methods=[])
    number = ada.contact_methods.get().address
    make_method(ada, "voice", address=number)
    make_method(vic, "sms", address=number)
    page_now(ada)
    (text,) = phones.wait_for("messages")
    assert phones.reply(text, "STOP") == ""
    assert not ContactMethod.objects.filter(opted_out_at=None).exists()
    assert [entry.verb for entry in entries("settings:people")] == ["contact_method.opted_out"] * 3
    phones.reply(text, "start")
    assert not ContactMethod.objects.exclude(opted_out_at=None).exists()


def test_a_wrong_signature_changes_nothing_and_is_counted(phones: Phones, settings: Any) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    (text,) = phones.wait_for("messages")
    delivery = Delivery.objects.get(page=page)
    forged = Client().post(
        f"/twilio/status/{delivery.pk}/1",
        {"MessageSid": text["sid"], "MessageStatus": "failed", "ErrorCode": "30005"},
        headers={"X-Twilio-Signature": "bm90IHR3aWxpbw=="},
    )
    unsigned = Client().post("/twilio/sms", {"From": delivery.address, "Body": "1", "MessageSid": "SM1"})
    settings.TWILIO_AUTH_TOKEN = ""
    empty = post_signed(settings, "/twilio/sms", {"From": delivery.address, "Body": "1", "MessageSid": "SM1"})
    assert (forged.status_code, unsigned.status_code, empty.status_code) == (403, 403, 403)
    assert RefusedCallback.objects.get().count == 3
    delivery.refresh_from_db()
    page.refresh_from_db()
    assert (delivery.state, page.state) == ("sent", "paging")


def test_a_json_body_must_be_covered_by_its_hash(phones: Phones, settings: Any) -> None:
    path = "/twilio/sms"
    signature = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(settings.PUBLIC_URL + path, {})
    answer = Client().post(path, "{}", content_type="application/json", headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


def test_callbacks_in_any_order_or_twice_never_take_a_delivery_back(phones: Phones, settings: Any) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    delivery = Delivery.objects.get(page=page)
    path = f"/twilio/status/{delivery.pk}/{delivery.fence}"

    def tell(status: str, code: str = "") -> int:
        data = {"MessageSid": delivery.provider_ref, "MessageStatus": status, "ErrorCode": code}
        return int(post_signed(settings, path, data).status_code)

    assert [tell("delivered"), tell("sent"), tell("delivered"), tell("failed", "30005")] == [204] * 4
    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider_rank) == ("delivered", 5)
    assert ContactMethod.objects.get().usable
    kept = Attempt.objects.filter(delivery=delivery).order_by("id").values_list("result", flat=True)
    assert list(kept) == ["accepted", "delivered", "sent", "failed"], "late words are kept, doubles are not"
    assert states(page) == {"Ada": "delivered"}


def test_a_late_word_about_an_earlier_try_does_not_count(phones: Phones, settings: Any) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    delivery = Delivery.objects.get(page=page)
    Delivery.objects.filter(pk=delivery.pk).update(fence=2)
    data = {"MessageSid": "SMold", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    assert post_signed(settings, f"/twilio/status/{delivery.pk}/1", data).status_code == 204
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_a_callback_about_nothing_changes_nothing(phones: Phones, settings: Any) -> None:
    data = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert post_signed(settings, "/twilio/status/999999/1", data).status_code == 204
    assert post_signed(settings, "/twilio/voice/1-zzzzzz-AAAAAAAAAAAAAAAAAAAAAA", {"CallSid": "CA1"}).status_code == 204
    assert not InboundReceipt.objects.exists()


def test_a_callback_of_progress_takes_at_most_three_queries(phones: Phones, settings: Any) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    delivery = Delivery.objects.get(page=page)
    data = {"MessageSid": delivery.provider_ref, "MessageStatus": "sending"}
    with CaptureQueriesContext(connection) as queries:
        post_signed(settings, f"/twilio/status/{delivery.pk}/{delivery.fence}", data)
    assert len(queries) <= 3, [query["sql"] for query in queries]


@pytest.mark.parametrize(
    ("code", "state", "usable"),
    [("30003", "failed", True), ("30005", "failed", False), ("30006", "failed", False), ("30008", "pending", True)],
)
def test_what_the_network_says_decides_about_the_address(
    phones: Phones, settings: Any, code: str, state: str, usable: bool
) -> None:
    ada = make_person("Ada", methods=["sms"])
    add_rule(make_method(ada, "voice"), delay_s=600)
    page = page_now(ada)
    delivery = Delivery.objects.get(page=page, channel="sms")
    data = {"MessageSid": delivery.provider_ref, "MessageStatus": "undelivered", "ErrorCode": code}
    post_signed(settings, f"/twilio/status/{delivery.pk}/{delivery.fence}", data)
    delivery.refresh_from_db()
    assert delivery.state == state
    assert ContactMethod.objects.get(deliveries=delivery).usable is usable
    assert Delivery.objects.get(page=page, channel="voice").not_before <= clock.now()


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


def test_the_link_shows_a_page_and_only_its_button_acts(phones: Phones) -> None:
    ada = make_person("Ada", methods=["email"])
    page = page_now(ada, title="Power lost <b>in hall 2</b>")
    (mail,) = phones.wait_for("mail")
    (link,) = mail["links"]
    browser = Client(enforce_csrf_checks=True)
    path = link.partition("//")[2].partition("/")[2]
    for method in (browser.get, browser.head):
        shown = method(f"/{path}")
        assert shown.status_code == 200
    page.refresh_from_db()
    assert page.state == "paging", "a mail scanner that follows the link changes nothing"
    assert "Power lost &lt;b&gt;in hall 2" in browser.get(f"/{path}").content.decode()
    done = browser.post(f"/{path}", {"verb": "acknowledge", "once": "1"}).content.decode()
    assert "Ada, you have acknowledged it." in done
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by) == ("acknowledged", ada)
    assert Responder.objects.get(page=page).via == "link"


def test_wrong_and_old_links_say_so(phones: Phones) -> None:
    page = page_now(make_person("Ada", methods=["sms"]))
    delivery = Delivery.objects.get(page=page)
    old = page_links.sign("page", delivery.pk, expires_at=clock.now() - timedelta(seconds=1))
    other = page_links.sign("voice", delivery.pk, expires_at=clock.now() + timedelta(hours=1))
    assert Client().get(f"/p/{old}/").status_code == 410
    assert Client().post(f"/p/{old}/", {"verb": "acknowledge"}).status_code == 410
    assert Client().get(f"/p/{other}/").status_code == 404
    assert Client().get("/p/nonsense/").status_code == 404
