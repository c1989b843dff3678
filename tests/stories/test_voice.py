"""Calls: in the person's language, discreet where they want it, again where nobody was there, short to a machine."""

from __future__ import annotations

from typing import Any

import pytest

from notifications.models import ContactRule, Delivery, DiscreetCalls
from people.models import Person
from tests.builders import make_method, make_person
from tests.stories.night import Night
from tests.stories.paging import HALL_2, page, state


@pytest.mark.parametrize(
    ("language", "greeting", "answer"),
    [
        ("de", "Drücken Sie die 1, um zu bestätigen.", "Ada, Sie haben es bestätigt."),
        ("es", "Pulse 1 para confirmar.", "Ada, lo ha confirmado."),
        ("fr", "Appuyez sur 1 pour accuser réception.", "Ada, vous en avez accusé réception."),
        ("nl", "Druk op 1 om te bevestigen.", "Ada, u hebt het bevestigd."),
        ("en", "Press 1 to acknowledge.", "Ada, you have acknowledged it."),
    ],
)
def test_a_call_speaks_the_persons_language(night: Night, language: str, greeting: str, answer: str) -> None:
    ada = make_person("Ada", methods=["voice"])
    Person.objects.filter(pk=ada.pk).update(language=language)
    page(night, ada)
    call = night.call_to(ada)
    said = night.phones.pick_up(call, "1")
    assert greeting in said
    assert answer in said
    voices = {each["language"][:2] for each in night.phones.call(call)["heard"] if each["kind"] == "say"}
    assert voices == {language}


def test_a_discreet_call_tells_what_it_is_about_after_a_key(night: Night) -> None:
    ada = make_person("Ada", methods=["voice"])
    DiscreetCalls.objects.create(person=ada, since=night.now())
    paged = page(night, ada)
    first, _colon, rest = night.phones.pick_up(night.call_to(ada), "31").partition("Press 3 to hear it.")
    assert first == "Hello Ada. This is Muster, about something urgent. "
    assert HALL_2 in rest
    paged.refresh_from_db()
    assert paged.state == "acknowledged"


def test_a_machine_is_left_a_short_message_and_the_next_way_goes_at_once(night: Night, settings: Any) -> None:
    settings.TWILIO_MACHINE_DETECTION = "on"
    ada = make_person("Ada", methods=["voice"])
    sms = make_method(ada, "sms")
    ContactRule.objects.create(person=ada, urgency="high", contact_method=sms, delay_s=600)
    page(night, ada)
    call = night.call_to(ada)
    night.phones.let_ring(call, "voicemail")
    assert "Reply 1" in night.text_to(ada)["text"]
    said = night.phones.call(call)["text"]
    assert said == "This is Muster with an urgent page for Ada. Call back this number, or open Muster."
    assert Delivery.objects.get(channel="voice").reason == "A machine answered."


@pytest.mark.parametrize("how", ["busy", "ignore", "voicemail"])
def test_who_is_not_there_is_called_again_by_their_own_rule(night: Night, settings: Any, how: str) -> None:
    settings.TWILIO_MACHINE_DETECTION = "on"
    ada = make_person("Ada", methods=["voice"])
    ContactRule.objects.filter(person=ada, urgency="high").update(redials=1, redial_after_s=60)
    paged = page(night, ada)
    night.phones.let_ring(night.call_to(ada), how)
    night.becomes(lambda: Delivery.objects.get().state, "pending")
    night.stays_quiet()
    night.pass_time(seconds=61)
    night.phones.pick_up(night.call_to(ada), "1")
    paged.refresh_from_db()
    assert paged.state == "acknowledged"


def test_redialling_ends_where_the_rule_ends_and_the_page_goes_on(night: Night) -> None:
    ada = make_person("Ada", methods=["voice"])
    ContactRule.objects.filter(person=ada, urgency="high").update(redials=1, redial_after_s=60)
    paged = page(night, ada)
    night.phones.let_ring(night.call_to(ada), "busy")
    night.becomes(lambda: Delivery.objects.get().state, "pending")
    night.pass_time(seconds=61)
    night.phones.let_ring(night.call_to(ada), "busy")
    first = Delivery.objects.earliest("pk")
    night.becomes(lambda: Delivery.objects.get(pk=first.pk).state, "failed")
    assert Delivery.objects.get(pk=first.pk).tries == 2
    night.phones.pick_up(night.call_to(ada), "1")  # the next round, because nobody else is left
    paged.refresh_from_db()
    assert paged.state == "acknowledged"


def test_news_that_come_late_and_doubled_take_nothing_back(night: Night) -> None:
    ada = make_person("Ada", methods=["voice"])
    number = ada.contact_methods.get().address
    night.phones.script({number: {"busy": True, "callbacks": ["doubled", "reordered"], "count": 1}})
    paged = page(night, ada)
    call = night.call_to(ada)
    first = Delivery.objects.earliest("pk")
    night.becomes(lambda: Delivery.objects.get(pk=first.pk).state, "failed")

    def told() -> str:
        return ",".join(sorted(first.attempts.exclude(result="accepted").values_list("result", flat=True)))

    night.becomes(lambda: str(len(night.phones.call(call)["callbacks"])), "6")
    night.becomes(told, "busy,initiated,ringing")
    assert (Delivery.objects.get(pk=first.pk).state, Delivery.objects.get(pk=first.pk).provider_rank) == ("failed", 5)
    night.phones.pick_up(night.call_to(ada), "1")  # the next round, because nobody else is left
    assert state(paged) == "acknowledged"
