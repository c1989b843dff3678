"""What single words do by text: STOP and START, YES and HELP, in the language and the moment in which they are said."""

from __future__ import annotations

from typing import Any

from incidents.models import Incident
from notifications.models import ContactMethod, ContactRule, Delivery
from people.models import Person
from tests.builders import add_rule, make_method, make_person, make_schedule
from tests.incidents.builders import make_company
from tests.notifications.answering import post_signed
from tests.stories.night import Night, answered
from tests.stories.paging import page, state, text


def findings(night: Night, reader: Person) -> list[str]:
    """Return the sentences of the readiness report."""
    with night.sign_in(reader) as api:
        report = answered(api.get("/readiness"))
    return [finding["sentence"] for finding in report["findings"]]


def test_readiness_shows_who_texted_stop_until_they_text_start(night: Night) -> None:
    company = make_company()
    ada = company.ada
    address = ada.contact_methods.get(channel="sms").address
    said = f"Ada has texted STOP: texts to {address} do not go out."
    assert said not in findings(night, company.alma)
    assert text(night, ada, "Stop.") == ""
    assert said in findings(night, company.alma)
    assert text(night, ada, "START") == ""
    assert said not in findings(night, company.alma)


def test_after_stop_a_yes_means_start_as_it_does_at_the_provider(night: Night, settings: Any) -> None:
    ada = make_person("Ada", methods=["sms"])
    address = ada.contact_methods.get().address
    text(night, ada, "STOP")
    assert ContactMethod.objects.get().opted_out_at is not None
    plain = {"From": address, "To": settings.TWILIO_FROM, "Body": " Yes! ", "MessageSid": "SM1"}
    post_signed(settings, "/twilio/sms", plain)  # without advanced opt-out no OptOutType comes along
    assert ContactMethod.objects.get().opted_out_at is None
    text(night, ada, "START")
    paged = page(night, ada)
    assert "Ada, you have acknowledged it." in night.phones.reply(night.text_to(ada), "Yes!")
    assert state(paged) == "acknowledged"


def test_help_says_first_how_the_page_is_answered_that_calls(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    assert "Reply 1" not in text(night, ada, "HELP")
    paged = page(night, ada)
    sms = night.text_to(ada)
    helped = night.phones.reply(sms, "help?")
    assert helped.startswith(
        f"Reply 1 to acknowledge, 2 to escalate, 9 if you can't. To name a page, add its code: 1 {paged.code}"
    )
    assert "STATUS" in helped
    night.phones.reply(sms, "1")
    assert "Reply 1" not in night.phones.reply(sms, "help!")


def test_a_bare_ack_means_the_page_that_was_texted_and_none_that_was_withdrawn(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    mail = page(night, ada, "Mail is late")
    sms = night.text_to(ada)
    ContactRule.objects.filter(person=ada).update(delay_s=120)
    add_rule(make_method(ada, "voice"))
    disk = page(night, ada, "Disk full")
    night.phones.pick_up(night.call_to(ada), "1")
    assert (state(mail), state(disk)) == ("paging", "acknowledged")
    assert Delivery.objects.get(page=disk, channel="sms").state == "cancelled"
    assert "Ada, you have acknowledged it." in night.phones.reply(sms, "ack")
    assert state(mail) == "acknowledged"


def test_verbs_answer_in_the_persons_language_whatever_blanks_they_were_typed_with(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    Person.objects.filter(pk=ada.pk).update(language="de")
    assert text(night, ada, "\u00a0status\u202f!") == "Kein Vorfall ist offen."
    declared = text(night, ada, "Declare\u00a0\u2013 Strom weg")
    incident = Incident.objects.get()
    assert incident.title == "Strom weg"
    assert declared.startswith(f"Eröffnet: SEV3 {incident.number}, ")
    assert text(night, ada, f"STATUS\u00a0#{incident.number}.").startswith(f"SEV3 {incident.number}")
    assert "ohne Leitung" in text(night, ada, "status")


def test_no_answer_is_longer_than_the_provider_sends(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    for number in range(60):
        make_schedule(f"Schedule number {number} of the whole company", ada)
    answer = text(night, ada, "oncall")
    assert 1500 < len(answer) <= 1600
    assert answer.endswith("...")
