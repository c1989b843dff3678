"""Nights lived through by text message: what people text besides answers, and quiet pages that come together."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from incidents.models import Incident
from notifications.models import Delivery, IgnoredText, RefusedCallback
from people.models import Person
from tests.builders import make_method, make_person
from tests.incidents.builders import make_company
from tests.stories.night import Night, answered
from tests.stories.paging import page, state, text


def test_an_incident_is_declared_followed_and_taken_by_text(night: Night) -> None:
    company = make_company()
    otto, ada = company.otto, company.ada
    answer = text(night, otto, "DECLARE Power lost in hall 2")
    incident = Incident.objects.get()
    assert f"SEV3 {incident.number}, " in answer
    assert f"/incidents/{incident.number}/" in answer
    assert (incident.title, incident.declared_by, incident.declared_via) == ("Power lost in hall 2", otto, "sms")
    assert text(night, ada, " Status. ").startswith(f"SEV3 {incident.number} triage, no IC")
    assert text(night, ada, f"status {incident.number}").endswith("(Power lost in hall 2)")
    assert "Otto" in text(night, ada, "oncall")
    assert "DECLARE" in text(night, ada, "help")


def test_declaring_pages_whom_the_severity_names(night: Night) -> None:
    company = make_company()
    incident_text = text(night, company.sid, "declare: Mail is down")
    assert "Declared" in incident_text
    with night.sign_in(company.alma) as api:
        answered(api.post(f"/incidents/{Incident.objects.get().number}/severity", json={"severity": "SEV2"}))
    night.call_to(company.otto)
    sms = night.text_to(company.otto)
    assert "Mail is down" in sms["text"]
    assert "Otto, you have acknowledged it." in night.phones.reply(sms, "Ack!")
    night.becomes(lambda: Incident.objects.get().muster_state, "complete")
    assert "1 of 1 confirmed" in text(night, company.sid, "status")
    night.everything("calls")
    night.everything("messages")


def test_a_private_incident_is_nobodys_business(night: Night) -> None:
    company = make_company()
    with night.sign_in(company.alma) as api:
        body = {"title": "Somebody reads our mail", "severity": "SEV3", "private": True}
        number = answered(api.post("/incidents", json=body), 201)["number"]
    assert text(night, company.otto, "status") == "No incident is open."
    assert text(night, company.otto, f"status {number}") == f"There is no incident {number}."
    told = text(night, company.alma, "status")
    assert told.startswith(f"SEV3 {number} triage")
    assert "mail" not in told


@pytest.mark.parametrize("unproved", ["unverified", "switched off", "shared", "unknown", "left"])
def test_only_a_number_that_is_surely_one_persons_declares(night: Night, unproved: str) -> None:
    otto = make_person("Otto", methods=[])
    method = make_method(otto, "sms", verified=unproved != "unverified")
    if unproved == "switched off":
        method.disabled_at = night.now()
        method.save()
    if unproved == "shared":
        make_method(make_person("Olga", methods=[]), "sms", address=method.address)
    Person.objects.filter(pk=otto.pk).update(is_active=unproved != "left")
    number = "+12065559999" if unproved == "unknown" else method.address
    assert night.phones.text_in(number=number, body="DECLARE Power lost") == ""
    assert not Incident.objects.exists()
    ignored = IgnoredText.objects.get()
    assert (ignored.count, ignored.reason) == (1, "unknown" if unproved == "unknown" else "switched_off")


@pytest.mark.parametrize(
    "body",
    [
        " \uff11 ",
        "Ack!",
        "1.",
        "1 \U0001f44d",
        "ACK \u2705",
        "\u2460",
        "\uff21\uff23\uff2b",
        "\u00a01\u00a0",
        "_aCk_\u200b",
    ],
)
def test_a_hurried_yes_is_a_yes(night: Night, body: str) -> None:
    ada = make_person("Ada", methods=["sms"])
    paged = page(night, ada, "Disk full")
    assert "Ada, you have acknowledged it." in night.phones.reply(night.text_to(ada), body)
    assert state(paged) == "acknowledged"


def test_nonsense_is_answered_five_times_a_day_and_once_after_each_page(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    disk = page(night, ada, "Disk full")
    first = night.text_to(ada)
    answers = [night.phones.reply(first, f"what about {word}") for word in ("a", "b", "c", "d", "e", "f", "g")]
    assert ["Reply 1" in answer for answer in answers] == [True] * 5 + [False] * 2
    mail = page(night, ada, "Mail is late")
    second = night.text_to(ada)
    assert "Reply 1" in night.phones.reply(second, "on it")
    assert night.phones.reply(second, "really") == ""
    for each in (disk, mail):
        night.phones.reply(second, f"1 {each.code}")
    night.skip_time(minutes=24 * 60 + 10)
    assert "You can text: STATUS" in text(night, ada, "anybody there")


def test_two_machines_do_not_talk_for_ever(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    answers = [text(night, ada, "status") for _ in range(12)]
    assert [bool(answer) for answer in answers].count(True) == 10


def test_quiet_pages_of_half_a_minute_are_one_text_and_urgent_ones_never(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    disk = page(night, ada, "Disk is filling up on web-3", urgency="low")
    night.pass_time(seconds=5)
    mail = page(night, ada, "Mail is late", urgency="low")
    night.pass_time(seconds=20)
    night.stays_quiet()
    urgent = page(night, ada, "Power lost in hall 2")
    assert "Power lost in hall 2" in night.text_to(ada)["text"]
    backup = page(night, ada, "Backup is overdue", urgency="low")
    night.pass_time(seconds=10)
    together = night.text_to(ada)
    assert together["text"].startswith(f"3 pages: {disk.code} Disk is filling up on web-3; {mail.code} Mail is late; ")
    night.pass_time(minutes=1)
    night.stays_quiet()
    which = night.phones.reply(together, "no")
    assert which.startswith("Which one? ")
    assert [state(each) for each in (disk, mail, backup, urgent)] == ["paging"] * 4
    night.phones.reply(together, f"1 {mail.code}")
    assert state(mail) == "acknowledged"
    assert f"{disk.code}, {backup.code}" in night.phones.reply(together, "ack")
    assert [state(each) for each in (disk, mail, backup, urgent)] == ["acknowledged"] * 3 + ["paging"]


def test_each_page_of_a_text_about_several_hears_what_became_of_it(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    number = ada.contact_methods.get().address
    night.phones.script({number: {"undelivered": 30003}})
    for title in ("Disk full", "Mail is late"):
        page(night, ada, title, urgency="low")
    night.pass_time(seconds=35)
    together = night.text_to(ada)

    def states() -> str:
        found = Delivery.objects.filter(provider_ref=together["sid"])
        return ",".join(found.order_by("pk").values_list("state", flat=True))

    night.becomes(states, "failed,failed")
    night.phones.reply(together, "ack all")


def test_one_quiet_page_goes_alone_as_ever(night: Night) -> None:
    ada = make_person("Ada", methods=["sms"])
    paged = page(night, ada, "Disk full", urgency="low")
    night.stays_quiet()
    night.pass_time(seconds=31)
    sms = night.text_to(ada)
    assert sms["text"].startswith("Disk full. Reply 1 to acknowledge")
    assert "Ada, you have acknowledged it." in night.phones.reply(sms, "ack all")
    assert state(paged) == "acknowledged"


def test_a_shared_key_signs_what_is_texted_and_a_wrong_one_is_not_heard(night: Night, settings: Settings) -> None:
    ada = make_person("Ada", methods=["sms"])
    paged = page(night, ada, "Disk full")
    sms = night.text_to(ada)
    settings.TWILIO_WEBHOOK_KEYS = {"key_one": "between us"}
    with night.phones.signing(key="key_one", secret="somebody else's"):
        assert night.phones.reply(sms, "1") == ""
    assert state(paged) == "paging"
    assert RefusedCallback.objects.get().count >= 1, "news of the text itself may have come in between"
    with night.phones.signing(key="key_one", secret="between us"):
        assert "Ada, you have acknowledged it." in night.phones.reply(sms, "1")
    assert state(paged) == "acknowledged"


def test_during_a_rotation_the_old_token_is_heard_as_the_new_one(night: Night, settings: Settings) -> None:
    ada = make_person("Ada", methods=["sms"])
    settings.TWILIO_AUTH_TOKEN_OLD = "the one before"
    paged = page(night, ada, "Disk full")
    with night.phones.signing(secret="the one before"):
        assert "Ada, you have acknowledged it." in night.phones.reply(night.text_to(ada), "1")
    assert state(paged) == "acknowledged"
