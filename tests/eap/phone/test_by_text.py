"""Approvals by text: what counts, and what is said to what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from eap.models import RunStep
from eap.operations.runs.change_inputs import change_inputs
from engine import clock
from notifications.models import ContactMethod, Delivery, InboundReceipt, QuestionTold
from notifications.operations.send_delivery import send_delivery
from people.models import PhonePin
from tests.builders import by, make_method, make_person
from tests.eap.phone.callers import give_pin, previews_come, text_to, waiting
from tests.eap.runs.actions import once
from tests.eap.runs.builders import do, go
from tests.notifications.answering import page_now, post_signed, states
from tests.phones import Phones


def test_the_text_says_what_is_approved_and_how(phones: Phones) -> None:
    it = waiting()
    text = text_to(phones, it.vps["Vic"])["text"]
    code = it.page.code
    assert "Wipe web1. Host: web1. Burn: Would do test-once (accounts 7)." in text
    assert f"Approving needs a PIN, and you have set none: use the link. To say no, reply DENY {code}." in text
    other = waiting(destructive=False, reached={"Vera": "sms"})
    assert f"Reply APPROVE {other.page.code} or DENY {other.page.code}." in text_to(phones, other.vps["Vera"])["text"]


@pytest.mark.parametrize("body", ["approve {code} 7391", " APPROVE: {code}, 7391! ", "Approved {code}-7391."])
def test_a_yes_with_the_pin_counts_as_a_second_factor(phones: Phones, body: str) -> None:
    it = waiting(before_previews=False)
    give_pin(it.vps["Vic"])
    said = phones.reply(text_to(phones, it.vps["Vic"]), body.format(code=it.page.code))
    assert said == "You approved “Agree” (Restore the web server). Nobody else is needed; it goes ahead."
    assert it.votes() == [("Vic", "approve", "sms", True)]
    go(clock.now())
    assert once.called() == [""]
    assert it.fresh().state == "done"


def test_the_pin_may_follow_as_a_text_of_its_own(phones: Phones) -> None:
    it = waiting()
    give_pin(it.vps["Vic"])
    text = text_to(phones, it.vps["Vic"])
    said = phones.reply(text, f"approve {it.page.code}")
    assert said.startswith("Your PIN is needed to approve this. Wipe web1.")
    assert said.endswith("Reply with your PIN.")
    assert "That is not your PIN" in phones.reply(text, "7392")
    assert it.votes() == []
    assert phones.reply(text, "7391").startswith("You approved “Agree”")
    assert it.votes() == [("Vic", "approve", "sms", True)]


def test_a_number_is_no_pin_once_none_is_awaited(phones: Phones) -> None:
    it = waiting()
    give_pin(it.vps["Vic"])
    text = text_to(phones, it.vps["Vic"])
    phones.reply(text, "7392")
    assert PhonePin.objects.get().tries == 0
    phones.reply(text, f"approve {it.page.code}")
    QuestionTold.objects.update(pin_asked_at=clock.now() - timedelta(minutes=6))
    phones.reply(text, "7391")
    assert it.votes() == []
    phones.reply(text, f"approve {it.page.code}")
    assert "you have acknowledged it" in phones.reply(text, it.page.code), "The code alone acknowledges."
    assert PhonePin.objects.get().tries == 0


def test_who_set_no_pin_approves_by_text_only_what_can_be_undone(phones: Phones) -> None:
    it = waiting()
    text = text_to(phones, it.vps["Vic"])
    for body in ("approve {code}", "approve {code} 7391"):
        assert "it needs your PIN, and you have set none" in phones.reply(text, body.format(code=it.page.code))
    assert it.votes() == []
    other = waiting(destructive=False, reached={"Vera": "sms"})
    said = phones.reply(text_to(phones, other.vps["Vera"]), f"approve {other.page.code}")
    assert "You approved" in said
    assert other.votes() == [("Vera", "approve", "sms", False)]


def test_who_set_a_pin_needs_it_even_where_it_can_be_undone(phones: Phones) -> None:
    it = waiting(destructive=False)
    give_pin(it.vps["Vic"])
    text = text_to(phones, it.vps["Vic"])
    assert "Reply with your PIN" in phones.reply(text, f"approve {it.page.code}")
    assert it.votes() == []
    phones.reply(text, f"approve {it.page.code} 7391")
    assert it.votes() == [("Vic", "approve", "sms", True)]


def test_a_no_needs_no_pin(phones: Phones) -> None:
    it = waiting()
    give_pin(it.vps["Vic"])
    said = phones.reply(text_to(phones, it.vps["Vic"]), f"deny {it.page.code}")
    assert said == "You said no to “Agree” (Restore the web server). It does not happen."
    go(clock.now())
    assert it.step.state == RunStep.State.FAILED
    assert once.called() == []


def test_five_wrong_pins_lock_it_and_mail_goes_out(phones: Phones) -> None:
    it = waiting()
    vic = it.vps["Vic"]
    text = text_to(phones, vic)
    mail = make_method(vic, "email")
    give_pin(vic)
    said = [phones.reply(text, f"approve {it.page.code} 000{n}") for n in range(5)]
    assert ["That is not your PIN" in each for each in said] == [True] * 4 + [False]
    assert "Too many wrong PINs. None is taken until" in said[-1]
    assert "Too many wrong PINs" in phones.reply(text, f"approve {it.page.code} 7391"), "Not the right one either."
    assert it.votes() == []
    (letter,) = Delivery.objects.filter(kind="news")
    send_delivery(letter.pk)
    (arrived,) = phones.wait_for("mail", to=mail.address)
    assert "PIN for approvals by phone is locked" in arrived["subject"]
    assert "Five wrong PINs were entered in your name (by text)" in arrived["text"]


def test_a_yes_to_what_has_changed_since_describes_it_anew(phones: Phones) -> None:
    it = waiting(reached={"Vic": "sms", "Vera": "sms"})
    give_pin(it.vps["Vic"])
    text = text_to(phones, it.vps["Vic"])
    do(change_inputs, run_id=it.run.pk, inputs={"host": "web2"}, by=by(it.otto), now=clock.now())
    go(clock.now())
    said = phones.reply(text, f"approve {it.page.code} 7391")
    assert said.startswith("What is to be approved has changed since you were told. Look at it again. Wipe web2.")
    assert it.votes() == []
    assert PhonePin.objects.get().tries == 0
    assert "You approved" in phones.reply(text, f"approve {it.page.code} 7391"), "Now it is what they were told."


def test_what_an_automation_said_after_the_text_is_told_before_it_counts(phones: Phones) -> None:
    it = waiting(destructive=False, before_previews=True)
    text = text_to(phones, it.vps["Vic"])
    assert "Would do" not in text["text"]
    previews_come()
    said = phones.reply(text, f"approve {it.page.code}")
    assert "Burn: Would do test-once (accounts 7)." in said
    assert it.votes() == []
    assert "You approved" in phones.reply(text, f"approve {it.page.code}")


def test_a_retried_text_does_not_approve_what_its_first_try_was_told(phones: Phones, settings: object) -> None:
    it = waiting(destructive=False, before_previews=True)
    previews_come()
    number = it.vps["Vic"].contact_methods.get().address
    data = {"MessageSid": "SM1", "From": number, "Body": f"approve {it.page.code}"}
    answers = [post_signed(settings, "/twilio/sms", data, **{"I-Twilio-Idempotency-Token": "same"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 204]
    assert it.votes() == []


def test_a_doubled_text_votes_once(phones: Phones, settings: object) -> None:
    it = waiting(count=2, reached={"Vic": "sms", "Vera": "sms"})
    give_pin(it.vps["Vic"])
    number = it.vps["Vic"].contact_methods.get().address
    data = {"MessageSid": "SM1", "From": number, "Body": f"approve {it.page.code} 7391"}
    answers = [post_signed(settings, "/twilio/sms", data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 204]
    assert "1 of 2 agreed; 1 more needed." in answers[0].content.decode()
    assert len(it.votes()) == 1


def test_who_gave_the_inputs_can_not_approve_them(phones: Phones) -> None:
    it = waiting(reached={"Vic": "sms", "Vera": "sms"})
    give_pin(it.vps["Vic"])
    text = text_to(phones, it.vps["Vic"])
    do(change_inputs, run_id=it.run.pk, inputs={"host": "web2"}, by=by(it.vps["Vic"]), now=clock.now())
    go(clock.now())
    said = phones.reply(text, f"approve {it.page.code} 7391")
    assert said == "You started this run or gave its inputs, so somebody else has to approve it."
    assert it.votes() == []


def test_after_its_time_it_is_a_no(phones: Phones) -> None:
    it = waiting()
    give_pin(it.vps["Vic"])
    text = text_to(phones, it.vps["Vic"])
    RunStep.objects.filter(pk=it.step.pk).update(wake_at=clock.now() - timedelta(seconds=1))
    assert "has expired, which counts as a no" in phones.reply(text, f"approve {it.page.code} 7391")
    it.run.__class__.objects.filter(pk=it.run.pk).update(next_look_at=clock.now())
    go(clock.now())
    assert it.step.state == RunStep.State.FAILED
    said = phones.reply(text, f"approve {it.page.code} 7391")
    assert said == "This is over: Too few people answered in time, which counts as a no."


def test_a_strangers_number_gets_no_answer(phones: Phones) -> None:
    it = waiting()
    give_pin(it.vps["Vic"])
    assert phones.text_in(number="+12065559999", body=f"approve {it.page.code} 7391") == ""
    assert it.votes() == []


def test_a_number_that_is_not_verified_approves_nothing(phones: Phones) -> None:
    it = waiting()
    give_pin(it.vps["Vic"])
    ContactMethod.objects.update(verified_at=None)
    said = phones.reply(text_to(phones, it.vps["Vic"]), f"approve {it.page.code} 7391")
    assert "not verified as yours" in said
    assert it.votes() == []


def test_a_wrong_code_and_none_are_told(phones: Phones) -> None:
    it = waiting(destructive=False)
    text = text_to(phones, it.vps["Vic"])
    other = "1000" if it.page.code != "1000" else "1001"
    for body in (f"approve {other}", "approve", "deny"):
        assert f"Name it by its code. Reply APPROVE {it.page.code}" in phones.reply(text, body)
    assert it.votes() == []


def test_a_yes_to_the_call_is_none_to_the_approval(phones: Phones) -> None:
    it = waiting(destructive=False)
    said = phones.reply(text_to(phones, it.vps["Vic"]), "yes")
    assert "It is not approved by that. Reply APPROVE" in said
    assert it.votes() == []


def test_who_voted_is_called_no_more_and_the_others_are(phones: Phones) -> None:
    it = waiting(destructive=False, count=2, reached={"Vic": "sms", "Vera": "sms", "Ada": "sms"})
    phones.reply(text_to(phones, it.vps["Vic"]), f"approve {it.page.code}")
    it.page.refresh_from_db()
    assert it.page.state == "paging"
    answered = states(it.page)
    assert (answered["Vic"], answered["Vera"]) == ("acknowledged", "called")


def test_a_pin_lies_nowhere_in_clear(phones: Phones, settings: object) -> None:
    it = waiting()
    give_pin(it.vps["Vic"], "80264")
    number = it.vps["Vic"].contact_methods.get().address
    for turn, body in enumerate((f"approve {it.page.code}", "80265", "80264")):
        post_signed(settings, "/twilio/sms", {"MessageSid": f"SM{turn}", "From": number, "Body": body})
    assert it.votes()
    assert InboundReceipt.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM \"{table}\" t WHERE t::text ~ '8026[45]'")  # noqa: S608
            assert cursor.fetchone() == (0,), table


def test_somebody_else_who_knows_code_and_pin_approves_nothing(phones: Phones) -> None:
    it = waiting()
    give_pin(it.vps["Vic"])
    olga = make_person("Olga", methods=["sms"])
    give_pin(olga)
    page_now(olga)
    (own,) = phones.wait_for("messages", to=olga.contact_methods.get().address)
    assert phones.reply(own, f"approve {it.page.code} 7391") == "Nothing is to be approved here any more."
    assert it.votes() == []
