"""Texts: answers by code and without, opting out, numbers that nobody knows."""

from __future__ import annotations

import pytest

from engine import clock
from ledger.queries import entries
from notifications.models import ContactMethod
from tests.builders import make_method, make_person
from tests.notifications.answering import page_now, send_all, states
from tests.phones import Phones


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


def test_stop_and_start_concern_every_texting_method_of_the_number(phones: Phones) -> None:
    ada, vic = make_person("Ada", methods=["sms"]), make_person("Vic", methods=[])
    number = ada.contact_methods.get().address
    make_method(ada, "voice", address=number)
    make_method(vic, "sms", address=number)
    page_now(ada)
    (text,) = phones.wait_for("messages")
    assert phones.reply(text, "STOP") == ""
    assert list(ContactMethod.objects.filter(opted_out_at=None).values_list("channel", flat=True)) == ["voice"]
    assert [entry.verb for entry in entries("settings:people")] == ["contact_method.opted_out"] * 2
    phones.reply(text, "start")
    assert not ContactMethod.objects.exclude(opted_out_at=None).exists()
