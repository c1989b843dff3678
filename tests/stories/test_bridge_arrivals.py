"""On the way into a bridge: doubled keys, calls that break off, arrivals of which nobody hears, the PIN's language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from incidents.models import Incident
from ledger.queries import entries
from people.models import Person, Role
from rooms.models import BridgeCaller
from tests.builders import make_person
from tests.notifications.answering import post_signed
from tests.stories.bridges import bridge_of, declared, look, on_line, person, room, said, told, until
from tests.stories.night import Night


def in_conference(night: Night) -> list[str]:
    """Return the calls that the provider has in its conferences now."""
    return [call for each in night.phones.arrived("conferences") for call in each["participants"]]


def pressed(night: Night, incident: Incident, name: str, settings: Any, *, times: int = 1) -> Any:
    """Have somebody's ringing call tell 4 as the provider does, and return what it is to say; nobody is in yet."""
    called = night.call_to(person(incident, name).person)
    path = urlsplit(night.phones.call(called)["params"]["Url"][0]).path + "/answer"
    answers = [post_signed(settings, path, {"CallSid": called["sid"], "Digits": "4"}) for _ in range(times)]
    assert {answer.status_code for answer in answers} == {200}
    night.phones.let_ring(called)
    return answers[-1].content.decode()


def test_a_doubled_4_leads_into_the_bridge_again_and_answers_once(night: Night, settings: Any) -> None:
    incident = declared(night, "Ada")
    bridge = bridge_of(night, incident)
    document = pressed(night, incident, "Ada", settings, times=2)
    assert bridge.room in document
    assert "Your answer has been taken already." in document
    assert BridgeCaller.objects.get().state == "joining"
    assert [entry.verb for entry in entries(incident.subject)].count("page.acknowledged") == 1


def test_who_hangs_up_on_the_way_in_can_be_called_in_again(night: Night, settings: Any) -> None:
    incident = declared(night, "Ada")
    bridge_of(night, incident)
    pressed(night, incident, "Ada", settings)
    ada = person(incident, "Ada").person
    browser = Client()
    browser.force_login(make_person("Otto", methods=[], role=Role.RESPONDER))
    assert "Joining" in room(incident, ada)
    night.skip_time(minutes=1.1)
    look(night)
    assert BridgeCaller.objects.get().state == "missed"
    assert told(incident)[-1] == "Ada hung up before they were on the bridge."
    browser.post(f"/incidents/{incident.number}/bridge/call-in/", {"person": str(ada.pk)})
    look(night)
    night.phones.stay(called := night.call_to(ada), "1")
    until(night, lambda: on_line(incident), "Ada")
    night.phones.hang_up(called)
    until(night, lambda: on_line(incident), "")


def test_somebody_whose_arrival_was_never_told_is_on_the_line_all_the_same(night: Night) -> None:
    night.phones.script({"*": {"callbacks": ["dropped"]}})
    incident = declared(night, "Ada")
    bridge_of(night, incident)
    called = night.call_to(person(incident, "Ada").person)
    night.phones.stay(called, "4")
    until(night, lambda: str(len(in_conference(night))), "1")
    assert BridgeCaller.objects.get().state == "joining"
    night.skip_time(minutes=1.1)
    look(night)
    assert on_line(incident) == "Ada"
    night.phones.hang_up(called)
    until(night, lambda: str(len(in_conference(night))), "0")
    night.skip_time(minutes=1.1)
    look(night)
    assert on_line(incident) == ""


def test_the_pin_is_asked_for_in_the_callers_language(night: Night) -> None:
    incident = declared(night)
    bridge_of(night, incident)
    night.everything("calls")
    vera = make_person("Vera", methods=["voice"])
    Person.objects.filter(pk=vera.pk).update(language="de")
    heard = said(night.phones.dial(number=vera.contact_methods.get().address, digits="1#2#3#"))
    assert heard.startswith("Hier ist Muster. Geben Sie die PIN der Telefonkonferenz ein")
    assert heard.count("Diese PIN öffnet keine Telefonkonferenz.") == 3
    assert heard.endswith("Auf Wiederhören.")
