"""Texts and keys that somebody recorded, or that nobody types: nothing is done twice, and nothing breaks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import clock
from incidents.models import Incident
from notifications import page_links
from notifications.models import Delivery
from tests.builders import make_person
from tests.notifications.answering import page_now, post_signed, states
from tests.phones import Phones


def test_a_recorded_text_answers_no_later_page_whatever_header_it_comes_with(phones: Phones, settings: Any) -> None:
    ada = make_person("Ada", methods=["sms"])
    first = page_now(ada)
    recorded = {"MessageSid": "SM1", "From": ada.contact_methods.get().address, "Body": "ack"}
    assert post_signed(settings, "/twilio/sms", recorded).status_code == 200
    second = page_now(ada)
    for token in ("one", "another"):
        post_signed(settings, "/twilio/sms", recorded, **{"I-Twilio-Idempotency-Token": token})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("acknowledged", "paging")


def test_a_recorded_key_escalates_once_whatever_header_it_comes_with(phones: Phones, settings: Any) -> None:
    page = page_now(*(make_person(name, methods=["voice"]) for name in ("Otto", "Olga", "Max")))
    token = page_links.sign("voice", Delivery.objects.get(page=page).pk, expires_at=clock.now() + timedelta(hours=1))
    for header in ("one", "another"):
        post_signed(
            settings,
            f"/twilio/voice/{token}/answer",
            {"CallSid": "CA1", "Digits": "2"},
            **{"I-Twilio-Idempotency-Token": header},
        )
    assert set(states(page)) == {"Otto", "Olga"}


@pytest.mark.parametrize(
    "body",
    ["DECLARE Power\0lost", "\0DECLARE Power lost", "declare \u202ePower\u2028lost", "DECLARE Power " + "x" * 9000],
)
def test_odd_signs_break_no_declaration(phones: Phones, settings: Any, body: str) -> None:
    otto = make_person("Otto", methods=["sms"])
    number = otto.contact_methods.get().address
    answer = post_signed(settings, "/twilio/sms", {"MessageSid": "SM1", "From": number, "Body": body})
    assert answer.status_code == 200
    assert answer.content.count(b"<Message>") == 1
    assert Incident.objects.count() == (0 if len(body) > 1000 else 1)


@pytest.mark.parametrize(
    "body", ["\0", "1\0", "\u0661", "\ufeff1", "9" * 60_000, "\ud7ff\U0001f525 ack \u200d", "%s %d {x}"]
)
def test_odd_signs_break_no_answer(phones: Phones, settings: Any, body: str) -> None:
    ada = make_person("Ada", methods=["sms"])
    page_now(ada)
    number = ada.contact_methods.get().address
    answer = post_signed(settings, "/twilio/sms", {"MessageSid": "SM1", "From": number, "Body": body})
    assert answer.status_code == 200
    assert b"<Message>" in answer.content
