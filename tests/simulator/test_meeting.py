"""Calls that meet: a conference, other phones, a tape, as the official library sees them."""

from __future__ import annotations

from tests.simulator.customer import ADA, VIC, Peer, eventually

BRIDGE = (
    '<Response><Dial><Conference statusCallback="/news" statusCallbackEvent="start end join leave" '
    'participantLabel="7">bridge-1042</Conference></Dial><Say>Closed.</Say></Response>'
)


def stay(peer: Peer, sid: str, digits: str = "") -> None:
    peer.post(f"calls/{sid}/answer", digits=digits, stays_s=60)


def on_line(peer: Peer) -> list[str]:
    """The calls in the conference, by the provider's list."""
    found = peer.twilio.conferences.list(friendly_name="bridge-1042", limit=1)
    return [each.call_sid for each in found[0].participants.list()] if found else []


def told(peer: Peer) -> list[str]:
    return [form["StatusCallbackEvent"] for form in peer.customer.forms("/news")]


def test_a_conference_tells_who_comes_and_goes_and_they_hear_each_other(peer: Peer) -> None:
    peer.customer.answers["/answer"] = BRIDGE
    ada, vic = peer.call(to=ADA), peer.call(to=VIC)
    stay(peer, ada)
    assert eventually(lambda: on_line(peer) == [ada] or None)
    stay(peer, vic)
    assert eventually(lambda: on_line(peer) == [ada, vic] or None)
    assert peer.twilio.conferences.list(status="in-progress")[0].friendly_name == "bridge-1042"
    peer.post(f"calls/{vic}/say", text="Who has command?")
    assert f"{VIC}: Who has command?" in peer.get(f"calls/{ada}")["text"]
    peer.post(f"calls/{ada}/hang-up")
    peer.post(f"calls/{vic}/hang-up")
    assert eventually(lambda: len(told(peer)) == 6 or None)
    assert told(peer) == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]
    first = peer.customer.forms("/news")[0]
    assert (first["CallSid"], first["ParticipantLabel"], first["FriendlyName"]) == (ada, "7", "bridge-1042")
    assert all(received.signed for received in peer.customer.at("/news"))


def test_the_customer_ends_a_conference_and_calls_go_on_below(peer: Peer) -> None:
    peer.customer.answers["/answer"] = BRIDGE
    ada = peer.call()
    stay(peer, ada)
    assert eventually(lambda: on_line(peer) == [ada] or None)
    conference = peer.twilio.conferences.list(friendly_name="bridge-1042")[0]
    peer.twilio.conferences(conference.sid).update(status="completed")
    assert peer.wait_for_call(ada, "completed")["text"].endswith("Closed.")
    assert peer.twilio.conferences(conference.sid).fetch().status == "completed"


def test_a_dial_puts_through_to_the_first_who_takes_it(peer: Peer) -> None:
    peer.customer.answers |= {
        "/answer": f'<Response><Dial action="/after" timeout="20"><Number url="/leg">{VIC}</Number></Dial></Response>',
        "/leg": '<Response><Gather numDigits="1" action="/take" timeout="5"/><Hangup/></Response>',
        "/take": "<Response/>",
        "/after": "<Response><Say>Over.</Say></Response>",
    }
    caller = peer.call()
    stay(peer, caller)
    leg = eventually(lambda: next(iter(peer.get("calls", to=VIC, state="ringing")["items"]), None))
    assert (leg["direction"], leg["parent"]) == ("outbound-dial", caller)
    stay(peer, leg["sid"], "1")
    assert eventually(lambda: peer.get(f"calls/{leg['sid']}")["is_heard"] or None)
    peer.post(f"calls/{caller}/say", text="Help")
    assert f"{ADA}: Help" in peer.get(f"calls/{leg['sid']}")["text"]
    peer.post(f"calls/{leg['sid']}/hang-up")
    assert peer.wait_for_call(caller, "completed")["text"].endswith("Over.")
    (after,) = peer.customer.forms("/after")
    assert (after["DialCallStatus"], after["DialCallSid"], after["DialBridged"]) == ("completed", leg["sid"], "true")


def test_who_hangs_up_in_the_words_before_has_not_taken_it(peer: Peer) -> None:
    peer.customer.answers |= {
        "/answer": f'<Response><Dial action="/after"><Number url="/leg">{VIC}</Number></Dial></Response>',
        "/leg": '<Response><Gather numDigits="1" action="/take"/><Hangup/></Response>',
    }
    peer.put("script", {VIC: {"answer": True}})
    peer.answer(peer.call())
    assert peer.customer.forms("/after")[0]["DialBridged"] == "false"


def test_a_message_is_kept_and_told_and_silence_is_not(peer: Peer) -> None:
    peer.customer.answers |= {
        "/answer": '<Response><Record action="/kept" recordingStatusCallback="/tape"/><Say>Nothing.</Say></Response>',
        "/kept": "<Response><Say>Thanks.</Say></Response>",
    }
    call = peer.call()
    assert peer.post(f"calls/{call}/answer", says="Mail is down")["said"][-1] == "Thanks."
    (kept,) = peer.customer.forms("/kept")
    assert kept["RecordingUrl"].endswith(kept["RecordingSid"])
    assert eventually(lambda: peer.customer.forms("/tape") or None)[0]["RecordingStatus"] == "completed"
    assert peer.get("recordings")["items"][0]["text"] == "Mail is down"
    assert peer.post(f"calls/{peer.call()}/answer")["said"][-1] == "Nothing."


def test_somebody_who_hangs_up_has_left_their_message(peer: Peer) -> None:
    peer.customer.answers["/answer"] = '<Response><Record action="/kept"/></Response>'
    call = peer.call()
    peer.post(f"calls/{call}/answer", live=True)
    assert eventually(lambda: peer.get(f"calls/{call}")["is_heard"] or None)
    peer.post(f"calls/{call}/say", text="Call me back")
    peer.post(f"calls/{call}/hang-up")
    assert eventually(lambda: peer.customer.forms("/kept") or None)[0]["Digits"] == "hangup"
