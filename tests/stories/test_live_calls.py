"""Customers call a number: they reach who is on call, or leave a message that opens an incident."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as product
from django.test import Client

from engine.duties import run_once
from incidents.models import Incident
from incidents.timeline import newest_lines
from people.models import Person
from rooms.models import CallLine, LiveCall
from tests.builders import make_person, make_policy
from tests.incidents.builders import make_service
from tests.notifications.answering import post_signed
from tests.stories.bridges import said, until
from tests.stories.night import Item, Night

LINE = "+12065550180"
CUSTOMER = "+46701112233"


@pytest.fixture
def on_call(night: Night) -> tuple[Person, Person]:
    """Mail and Web can be chosen; Otto is on call for mail, then Olga, and nobody for the web."""
    otto, olga = make_person("Otto", methods=["voice"]), make_person("Olga", methods=["voice"])
    mail, web = make_service("mail"), make_service("web")
    mail.policy = make_policy((300, [otto]), (300, [olga]))
    mail.save()
    line = CallLine.objects.create(number=LINE, name="Harbor emergencies", severity=2)
    for position, service in ((1, mail), (2, web)):
        line.choices.create(position=position, service=service)
    return otto, olga


def rings(night: Night, person: Person) -> Item:
    """Return the call that a caller's call now makes ring at somebody's phone."""
    number = person.contact_methods.get().address
    return night.phones.wait_for("calls", to=number, direction="outbound-dial", state="ringing")[-1]


def listens(incident: Incident) -> None:
    """From the room, a colleague whom nobody calls finds the message and hears it, unless the incident is private; a
    message that is gone is said to be gone."""
    page = f"/calls/{only_call().pk}/"
    browser = Client()
    browser.force_login(make_person("Sid", methods=[]))
    assert f'href="{product.PUBLIC_URL}{page}"' in browser.get(f"/incidents/{incident.number}/").content.decode()
    assert f"{page}message" in browser.get(page).content.decode()
    sound = browser.get(f"{page}message")
    assert (sound.status_code, sound["Content-Type"]) == (200, "audio/x-wav")
    assert sound.content.startswith(b"RIFF")
    Incident.objects.filter(pk=incident.pk).update(private=True)
    assert browser.get(f"{page}message").status_code == 404
    Incident.objects.filter(pk=incident.pk).update(private=False)
    LiveCall.objects.update(recording=only_call().recording[:-32] + "0" * 32)
    assert "can&#x27;t be played now" in browser.get(f"{page}message", follow=True).content.decode()


def only_call() -> LiveCall:
    return LiveCall.objects.get()


def test_a_caller_chooses_and_talks_to_who_is_on_call(night: Night, on_call: tuple[Person, Person]) -> None:
    otto, _olga = on_call
    caller = night.phones.dial(number=CUSTOMER, to=LINE, digits="1", stays=True)
    leg = rings(night, otto)
    night.phones.stay(leg, "1")
    until(night, lambda: only_call().state, "talking")
    assert only_call().taken_by == otto
    assert "A caller needs help with Mail. Press 1 to talk to them." in said(night.phones.call(leg))

    def heard() -> str:
        return str("All our mail bounces" in said(night.phones.call(leg)))

    until(night, lambda: night.phones.call(leg)["state"], "in-progress")
    night.phones.speak(caller, "All our mail bounces")
    until(night, heard, "True")
    night.phones.hang_up(leg)
    until(night, lambda: only_call().state, "ended")
    heard_by_caller = said(night.phones.call(caller))
    assert "Hello. This is the emergency line Harbor emergencies." in heard_by_caller
    assert "For Mail, press 1. For Web, press 2." in heard_by_caller
    assert not Incident.objects.exists()


def test_it_goes_down_the_policy_and_then_takes_a_message(night: Night, on_call: tuple[Person, Person]) -> None:
    otto, olga = on_call
    message = "Every mailbox is empty since noon"
    caller = night.phones.dial(number=CUSTOMER, to=LINE, digits="1", says=message, stays=True)
    night.phones.let_ring(rings(night, otto), "busy")
    night.phones.pick_up(rings(night, olga))  # a voicemail that presses nothing
    until(night, lambda: str(Incident.objects.count()), "1")
    incident = Incident.objects.get()
    call = only_call()
    assert (incident.title, incident.severity, incident.service) == ("Voicemail about Mail", 2, call.service)
    assert call.incident == incident
    assert call.recording in incident.summary
    assert CUSTOMER in incident.summary
    spoken = said(night.phones.call(caller))
    assert "Nobody can take your call now." in spoken
    until(night, lambda: night.phones.call(caller)["state"], "completed")
    assert f"Incident {' '.join(str(incident.number))} is open" in said(night.phones.call(caller))
    told = [line.sentence.split(" (")[0] for line in reversed(newest_lines(incident)) if line.verb.startswith("call.")]
    assert told == [
        "A caller reached Harbor emergencies.",
        "The caller chose Mail.",
        "Level 1 was rung for the caller: Otto.",
        "Level 2 was rung for the caller: Olga.",
        "Nobody took the call; the caller was asked for a message.",
        "The caller left a message of 2 s.",
    ]
    (recording,) = night.phones.all("recordings")
    assert recording["text"] == message
    listens(incident)
    night.phones.pick_up(night.call_to(otto), "1")  # the incident pages the service's people, as any does


def test_a_message_told_twice_opens_one_incident(night: Night, on_call: tuple[Person, Person], settings: Any) -> None:
    night.phones.dial(number=CUSTOMER, to=LINE, digits="2", says="The shop is down for all of us")
    until(night, lambda: str(Incident.objects.count()), "1")
    call = only_call()
    again = {"RecordingUrl": call.recording, "RecordingStatus": "completed", "RecordingDuration": "4", "CallSid": "CA1"}
    for address in ("recorded", "recording"):
        assert post_signed(settings, f"/twilio/calls/{call.pk}/{address}", again).status_code < 300
    assert Incident.objects.count() == 1
    assert Incident.objects.get().title == "Voicemail about Web"
    night.everything("calls")


def test_silence_is_no_message(night: Night, on_call: tuple[Person, Person]) -> None:
    heard = said(night.phones.dial(number=CUSTOMER, to=LINE, digits="2"))
    assert "Nothing was heard. Good-bye." in heard
    assert not Incident.objects.exists()


def test_another_key_hears_the_menu_again_and_none_leads_to_a_message(
    night: Night, on_call: tuple[Person, Person]
) -> None:
    heard = said(night.phones.dial(number=CUSTOMER, to=LINE, digits="7ww", says="Help"))
    assert heard.count("For Mail, press 1.") == 3
    assert "That key means nothing here." in heard
    until(night, lambda: str(Incident.objects.count()), "1")
    assert Incident.objects.get().service is None


def test_a_caller_who_gives_up_stops_the_ringing(night: Night, on_call: tuple[Person, Person]) -> None:
    otto, _olga = on_call
    caller = night.phones.dial(number=CUSTOMER, to=LINE, digits="1", stays=True)
    leg = rings(night, otto)
    night.phones.hang_up(caller)
    until(night, lambda: night.phones.call(leg)["state"], "canceled")
    night.skip_time(minutes=31)
    run_once("calls", now=night.now())
    assert only_call().state == "gave_up"


def test_of_two_who_press_1_the_first_has_the_caller(
    night: Night, on_call: tuple[Person, Person], settings: Any
) -> None:
    otto, olga = on_call
    caller = night.phones.dial(number=CUSTOMER, to=LINE, digits="1", stays=True)
    leg = rings(night, otto)
    night.phones.stay(leg, "1")
    until(night, lambda: only_call().state, "talking")
    late = post_signed(settings, f"/twilio/calls/{only_call().pk}/leg/{olga.pk}/answer", {"Digits": "1"})
    assert "Otto has taken the call." in late.content.decode()
    night.phones.hang_up(caller)
    until(night, lambda: night.phones.call(leg)["state"], "completed")


def test_other_numbers_are_no_line(night: Night, on_call: tuple[Person, Person]) -> None:
    assert night.phones.dial(number=CUSTOMER)["state"] == "no-answer"
    assert not LiveCall.objects.exists()
