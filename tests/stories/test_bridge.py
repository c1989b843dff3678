"""A grave incident's leaders meet on the phone: by key 4, called in, dialled in with the PIN."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.test import Client

from incidents.operations.resolve import resolve
from people.models import Role
from rooms.models import Bridge, BridgeCaller
from tests.builders import by, make_person
from tests.notifications.answering import post_signed
from tests.stories.bridges import bridge_of, declared, look, on_line, person, room, said, told, until
from tests.stories.night import Night


def test_key_4_acknowledges_and_joins_and_everybody_sees_who_is_on_the_line(night: Night) -> None:
    incident = declared(night, "Ada", "Vic")
    ada, vic = (person(incident, name).person for name in ("Ada", "Vic"))
    bridge = bridge_of(night, incident)
    first, second = night.call_to(ada), night.call_to(vic)
    night.phones.stay(first, "4")
    until(night, lambda: on_line(incident), "Ada")
    assert "Press 4 to acknowledge and join the bridge." in said(night.phones.call(first))
    assert "Ada, you have acknowledged it." in said(night.phones.call(first))
    assert person(incident, "Ada").state == "acknowledged"
    night.is_hung_up(second)

    shown = room(incident, ada)
    assert bridge.pin in shown
    assert "On the line" in shown

    night.phones.hang_up(first)
    until(night, lambda: on_line(incident), "")
    assert [line.split(" after")[0] for line in told(incident)] == [
        "The phone bridge is open.",
        "Ada joined the bridge (by keypad).",
        "Ada left the bridge",
    ]


def test_somebody_dials_in_with_the_pin_and_is_heard(night: Night) -> None:
    incident = declared(night, "Ada")
    bridge = bridge_of(night, incident)
    ada = person(incident, "Ada").person
    called = night.call_to(ada)
    night.phones.stay(called, "4")
    until(night, lambda: on_line(incident), "Ada")
    guest = night.phones.dial(number="+12065557788", digits=f"{bridge.pin}#", stays=True)
    until(night, lambda: on_line(incident), "Ada, Guest 7788")
    night.phones.speak(guest, "The network vendor here")
    until(night, lambda: str("The network vendor here" in said(night.phones.call(called))), "True")
    night.phones.hang_up(guest)
    until(night, lambda: on_line(incident), "Ada")
    night.phones.hang_up(called)
    until(night, lambda: on_line(incident), "")
    assert "Guest 7788 joined the bridge (dialled in)." in told(incident)


def test_a_wrong_pin_opens_nothing_and_too_many_are_looked_at_no_more(night: Night) -> None:
    incident = declared(night)
    bridge = bridge_of(night, incident)
    night.everything("messages"), night.everything("calls")
    wrong = "000000" if bridge.pin != "000000" else "000001"
    heard = said(night.phones.dial(number="+12065557788", digits=f"{wrong}#{wrong}#{wrong}#"))
    assert heard.count("That PIN opens no bridge.") == 3
    night.phones.dial(number="+12065557788", digits=f"{wrong}#{wrong}#")
    turned_away = night.phones.dial(number="+12065557788", digits=f"{bridge.pin}#")
    assert turned_away["state"] == "no-answer"
    assert BridgeCaller.objects.count() == 0
    night.skip_time(minutes=16)
    let_in = night.phones.dial(number="+12065557788", digits=f"{bridge.pin}#")
    assert "You are joining the bridge" in said(let_in)
    until(night, lambda: BridgeCaller.objects.get().state, "left")


def test_a_late_leader_is_called_in_with_one_button(night: Night) -> None:
    incident = declared(night, "Ada", "Vic")
    ada, vic = (person(incident, name).person for name in ("Ada", "Vic"))
    look(night)
    calls = night.call_to(ada), night.call_to(vic)
    night.phones.pick_up(calls[0], "1")
    night.is_hung_up(calls[1])
    browser = Client()
    browser.force_login(make_person("Otto", methods=[], role=Role.RESPONDER))
    address = f"/incidents/{incident.number}/bridge/call-in/"
    for _ in range(2):  # impatient: still one call
        assert browser.post(address, {"person": str(vic.pk)}).status_code == 302
    look(night)
    called = night.call_to(vic)
    night.phones.stay(called, "1")
    until(night, lambda: on_line(incident), "Vic")
    assert person(incident, "Vic").state == "acknowledged"
    assert told(incident)[1:] == [
        "Otto called Vic into the bridge.",
        "Vic joined the bridge (called in).",
    ]
    night.phones.hang_up(called)
    until(night, lambda: on_line(incident), "")


def test_who_does_not_pick_up_a_call_in_is_said_not_to_have_come(night: Night) -> None:
    incident = declared(night)
    night.everything("calls"), night.everything("messages")
    vic = make_person("Vic", methods=["voice"])
    bridge_of(night, incident)
    browser = Client()
    browser.force_login(make_person("Otto", methods=[], role=Role.RESPONDER))
    browser.post(f"/incidents/{incident.number}/bridge/call-in/", {"person": str(vic.pk)})
    look(night)
    night.phones.let_ring(night.call_to(vic), "busy")
    until(night, lambda: BridgeCaller.objects.get().state, "missed")
    assert told(incident)[-1] == "Vic was not reached for the bridge. The line was busy."


def test_the_bridge_ends_with_the_incident_and_lets_people_finish(night: Night) -> None:
    incident = declared(night, "Ada")
    ada = person(incident, "Ada").person
    bridge = bridge_of(night, incident)
    called = night.call_to(ada)
    night.phones.stay(called, "4")
    until(night, lambda: on_line(incident), "Ada")
    with transaction.atomic():
        resolve(incident_id=incident.pk, by=by(ada), now=night.now())
    look(night)
    assert on_line(incident) == "Ada"
    night.skip_time(minutes=11)
    look(night)
    until(night, lambda: night.phones.call(called)["state"], "completed")
    until(night, lambda: on_line(incident), "")
    bridge.refresh_from_db()
    assert bridge.ended_at is not None
    assert "The bridge is closed. Good-bye." in said(night.phones.call(called))
    assert night.phones.dial(number="+12065557788", digits=f"{bridge.pin}#")["state"] == "no-answer"


def test_a_lost_word_leaves_nobody_on_the_line(night: Night) -> None:
    incident = declared(night, "Ada")
    ada = person(incident, "Ada").person
    bridge_of(night, incident)
    called = night.call_to(ada)
    night.phones.stay(called, "4")
    until(night, lambda: on_line(incident), "Ada")
    lost = BridgeCaller.objects.create(
        bridge_id=incident.pk,
        name="Vic",
        how="dialled",
        state="on_line",
        call="CA" + "0" * 32,
        created_at=night.now(),
        joined_at=night.now(),
    )
    night.skip_time(minutes=2)
    look(night)
    lost.refresh_from_db()
    assert lost.state == "left"
    assert on_line(incident) == "Ada"
    night.phones.hang_up(called)
    until(night, lambda: on_line(incident), "")


def test_a_lesser_incident_has_no_bridge_until_somebody_opens_one(night: Night) -> None:
    incident = declared(night, "Ada", severity=3)
    look(night)
    assert not Bridge.objects.exists()
    ada = person(incident, "Ada").person
    browser = Client()
    browser.force_login(ada)
    assert "Open a bridge" in browser.get(f"/incidents/{incident.number}/").content.decode()
    browser.post(f"/incidents/{incident.number}/bridge/open/")
    assert Bridge.objects.get().incident == incident
    assert "Press 4" in night.phones.pick_up(night.call_to(ada), "1")


def test_doubled_and_late_news_change_nothing(night: Night, settings: Any) -> None:
    incident = declared(night, "Ada")
    ada = person(incident, "Ada").person
    bridge_of(night, incident)
    called = night.call_to(ada)
    night.phones.pick_up(called, "4")
    until(night, lambda: BridgeCaller.objects.get().state, "left")
    for event in ("participant-leave", "participant-join", "participant-leave"):
        news = {"StatusCallbackEvent": event, "CallSid": called["sid"], "ConferenceSid": "CF1"}
        assert post_signed(settings, f"/twilio/bridge/{incident.pk}/news", news).status_code == 204
    assert [line.split(" after")[0] for line in told(incident)] == [
        "The phone bridge is open.",
        "Ada joined the bridge (by keypad).",
        "Ada left the bridge",
    ]


def test_who_left_before_their_arrival_was_told_has_been_there(night: Night, settings: Any) -> None:
    incident = declared(night)
    night.everything("calls")
    bridge_of(night, incident)
    for event in ("participant-leave", "participant-join"):
        news = {"StatusCallbackEvent": event, "CallSid": "CA1", "ConferenceSid": "CF1"}
        assert post_signed(settings, f"/twilio/bridge/{incident.pk}/news", news).status_code == 204
    assert BridgeCaller.objects.get().state == "left"
    assert told(incident)[1:] == ["Guest joined the bridge (dialled in).", "Guest left the bridge after 0 s."]
