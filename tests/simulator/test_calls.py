"""Calls: ringing, answering, refusing, and what the customer hears of it."""

from time import monotonic

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator.customer import ADA, MUSTER, VIC, Peer, eventually

ALL = ["initiated", "ringing", "answered", "completed"]
ASK = (
    '<Response><Gather numDigits="1" action="/keys" timeout="3"><Say>Incident 1042. Press 1.</Say></Gather>'
    "<Say>No key. Goodbye.</Say></Response>"
)


def test_a_key_press_reaches_the_customer_signed(peer: Peer) -> None:
    peer.customer.answers |= {"/answer": ASK, "/keys": "<Response><Say>Thank you.</Say><Hangup/></Response>"}
    sid = peer.call(status_callback=f"{peer.customer.url}/status", status_callback_event=ALL)
    ended = peer.answer(sid, "1")
    assert ended["state"] == "completed"
    assert ended["said"] == ["Incident 1042. Press 1.", "Thank you."]
    assert ended["pressed"] == ["1"]
    (pressed,) = peer.customer.at("/keys")
    assert pressed.form["Digits"] == "1"
    assert pressed.form["CallSid"] == sid
    eventually(lambda: peer.customer.states()[-1:] == ["completed"])
    assert all(received.signed for received in peer.customer.received)


def test_callbacks_come_in_order_with_rising_sequence_numbers(peer: Peer) -> None:
    sid = peer.call(twiml="<Response/>", status_callback=f"{peer.customer.url}/status", status_callback_event=ALL)
    peer.answer(sid)
    eventually(lambda: len(peer.customer.states()) == 4)
    assert peer.customer.states() == ["initiated", "ringing", "in-progress", "completed"]
    forms = peer.customer.forms("/status")
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3"]
    assert {form["CallbackSource"] for form in forms} == {"call-progress-events"}
    assert len({received.token for received in peer.customer.at("/status")}) == 4


def test_only_completed_is_told_when_no_event_was_asked_for(peer: Peer) -> None:
    sid = peer.call(twiml="<Response/>", status_callback=f"{peer.customer.url}/status")
    peer.answer(sid)
    eventually(peer.customer.states)
    assert peer.customer.states() == ["completed"]


@pytest.mark.parametrize(
    ("behaviour", "state", "sip_code"),
    [
        ({"busy": True}, "busy", "486"),
        ({"failed": True}, "failed", "404"),
        ({"failed": 604}, "failed", "604"),
        ({"no_answer": True, "delay_s": 0.1}, "no-answer", "487"),
        ({"no_answer": True}, "no-answer", "487"),
    ],
)
def test_a_scripted_end(peer: Peer, behaviour: dict[str, object], state: str, sip_code: str) -> None:
    peer.script(**behaviour)
    sid = peer.call(timeout=1, status_callback=f"{peer.customer.url}/status")
    peer.wait_for_call(sid, state)
    eventually(lambda: peer.customer.states() == [state])
    (form,) = peer.customer.forms("/status")
    assert form["SipResponseCode"] == sip_code
    assert form["CallDuration"] == "0"
    assert not peer.customer.at("/answer"), "words are asked for only after somebody answered"


def test_an_unscripted_phone_rings_for_its_timeout(peer: Peer) -> None:
    began = monotonic()
    sid = peer.call(timeout=1)
    assert peer.wait_for_call(sid, "ringing")["rings_until"] is not None
    peer.wait_for_call(sid, "no-answer")
    assert 1.0 <= monotonic() - began < 2.5


@pytest.mark.parametrize(("verb", "state"), [("busy", "busy"), ("ignore", "no-answer"), ("voicemail", "completed")])
def test_a_person_refuses(peer: Peer, verb: str, state: str) -> None:
    peer.customer.answers["/answer"] = ASK
    assert peer.post(f"calls/{peer.call()}/{verb}")["state"] == state
    assert bool(peer.customer.at("/answer")) == (verb == "voicemail")
    assert not peer.customer.at("/keys")


def test_scripted_answers_take_their_time_and_their_digits(peer: Peer) -> None:
    peer.customer.answers |= {"/answer": ASK, "/keys": "<Response/>"}
    peer.script(answer="2", delay_s=0.4)
    began = monotonic()
    sid = peer.call()
    peer.wait_for_call(sid, "completed")
    assert monotonic() - began >= 0.4
    assert peer.customer.forms("/keys")[0]["Digits"] == "2"


def test_answered_without_a_key_is_completed_but_nothing_was_pressed(peer: Peer) -> None:
    peer.customer.answers["/answer"] = ASK
    ended = peer.answer(peer.call())
    assert ended["state"] == "completed"
    assert ended["said"] == ["Incident 1042. Press 1.", "No key. Goodbye."]
    assert ended["pressed"] == []


@pytest.mark.parametrize(
    ("detection", "voicemail", "answered_by"),
    [
        ("Enable", False, "human"),
        ("Enable", True, "machine_start"),
        ("DetectMessageEnd", True, "machine_end_beep"),
        (None, True, None),
    ],
)
def test_who_answered_is_told_only_where_detection_was_asked_for(
    peer: Peer, detection: str | None, voicemail: bool, answered_by: str | None
) -> None:
    peer.script(**({"voicemail": True} if voicemail else {"answer": True}))
    options = {"machine_detection": detection} if detection else {}
    sid = peer.call(status_callback=f"{peer.customer.url}/status", **options)
    peer.wait_for_call(sid, "completed")
    assert peer.customer.forms("/answer")[0].get("AnsweredBy") == answered_by
    assert peer.twilio.calls(sid).fetch().answered_by == answered_by


def test_asynchronous_detection_is_told_aside(peer: Peer) -> None:
    peer.script(voicemail=True)
    aside = f"{peer.customer.url}/detected"
    sid = peer.call(machine_detection="Enable", async_amd="true", async_amd_status_callback=aside)
    peer.wait_for_call(sid, "completed")
    eventually(lambda: peer.customer.at("/detected"))
    assert peer.customer.forms("/detected")[0]["AnsweredBy"] == "machine_start"
    assert "AnsweredBy" not in peer.customer.forms("/answer")[0]


def test_a_ringing_call_is_cancelled(peer: Peer) -> None:
    sid = peer.call(status_callback=f"{peer.customer.url}/status")
    peer.wait_for_call(sid, "ringing")
    assert peer.twilio.calls(sid).update(status="canceled").status == "canceled"
    eventually(lambda: peer.customer.states() == ["canceled"])
    with pytest.raises(TwilioRestException) as refused:
        peer.twilio.calls(sid).update(status="completed")
    assert refused.value.code == 21220


def test_cancelling_leaves_a_talking_call_alone_and_completing_ends_it(peer: Peer) -> None:
    peer.customer.answers["/answer"] = '<Response><Pause length="60"/></Response>'
    sid = peer.call()
    peer.post(f"calls/{sid}/answer", live=True)
    peer.wait_for_call(sid, "in-progress")
    assert peer.twilio.calls(sid).update(status="canceled").status == "in-progress"
    assert peer.twilio.calls(sid).update(status="completed").status == "completed"


def test_a_talking_call_is_moved_to_other_words(peer: Peer) -> None:
    peer.customer.answers["/answer"] = '<Response><Pause length="60"/></Response>'
    sid = peer.call()
    peer.post(f"calls/{sid}/answer", live=True)
    peer.wait_for_call(sid, "in-progress")
    eventually(lambda: peer.customer.at("/answer"))
    peer.twilio.calls(sid).update(twiml="<Response><Say>It is over.</Say></Response>")
    assert peer.wait_for_call(sid, "completed")["text"] == "It is over."


def test_a_person_on_the_line_presses_keys_one_by_one(peer: Peer) -> None:
    peer.customer.answers |= {"/answer": ASK, "/keys": "<Response><Say>Noted.</Say></Response>"}
    sid = peer.call()
    peer.post(f"calls/{sid}/answer", live=True)
    eventually(lambda: peer.get(f"calls/{sid}")["waits_for_digits"])
    peer.post(f"calls/{sid}/press", digits="1")
    ended = peer.wait_for_call(sid, "completed")
    assert (ended["digits"], ended["text"].splitlines()[-1]) == ("1", "Noted.")


def test_a_person_hangs_up(peer: Peer) -> None:
    peer.customer.answers["/answer"] = '<Response><Pause length="60"/></Response>'
    sid = peer.call(status_callback=f"{peer.customer.url}/status")
    peer.post(f"calls/{sid}/answer", live=True)
    assert peer.post(f"calls/{sid}/hang-up")["state"] == "completed"
    eventually(lambda: peer.customer.states() == ["completed"])


def test_a_call_that_is_over_can_not_be_answered(peer: Peer) -> None:
    sid = peer.call()
    peer.post(f"calls/{sid}/busy")
    response = peer.http.post(f"{peer.url}/api/calls/{sid}/answer", json={"digits": "1"})
    assert response.status_code == 409
    assert "over" in response.json()["error"]


def test_the_fallback_address_is_asked_when_the_first_fails(peer: Peer) -> None:
    peer.customer.statuses["/answer"] = [500]
    peer.customer.answers["/fallback"] = "<Response><Say>Second words.</Say></Response>"
    sid = peer.call(fallback_url=f"{peer.customer.url}/fallback")
    assert peer.answer(sid)["said"] == ["Second words."]
    assert peer.customer.forms("/fallback")[0]["ErrorUrl"].endswith("/answer")


def test_a_failing_customer_is_heard_as_an_apology(peer: Peer) -> None:
    peer.customer.statuses["/answer"] = [500]
    ended = peer.answer(peer.call())
    assert ended["state"] == "completed"
    assert "application error" in ended["text"]
    assert "answered 500" in ended["warnings"][0]


def test_a_call_comes_in(peer: Peer) -> None:
    peer.customer.answers |= {"/voice": ASK.replace("/keys", "/in"), "/in": "<Response><Say>Declared.</Say></Response>"}
    ended = peer.post("inbound-calls", **{"from": VIC, "to": MUSTER, "digits": "1"})
    assert (ended["state"], ended["direction"]) == ("completed", "inbound")
    assert ended["said"] == ["Incident 1042. Press 1.", "Declared."]
    first, second = peer.customer.received
    assert (first.form["CallStatus"], first.form["From"], first.form["To"]) == ("ringing", VIC, MUSTER)
    assert second.form["CallStatus"] == "in-progress"
    assert first.signed
    assert second.signed


def test_an_inbound_call_is_rejected(peer: Peer) -> None:
    peer.customer.answers["/voice"] = '<Response><Reject reason="busy"/></Response>'
    assert peer.post("inbound-calls", **{"from": VIC, "to": MUSTER})["state"] == "busy"


def test_what_an_inline_document_will_say_shows_while_it_rings(peer: Peer) -> None:
    sid = peer.call(twiml="<Response><Say>Incident 1042.</Say></Response>")
    ringing = peer.wait_for_call(sid, "ringing")
    assert ringing["text"] == "Incident 1042."
    assert ringing["heard"] == []


def test_clearing_forgets_ringing_calls_without_a_word(peer: Peer) -> None:
    sid = peer.call(timeout=1, status_callback=f"{peer.customer.url}/status")
    peer.wait_for_call(sid, "ringing")
    peer.delete("calls")
    assert peer.get("calls")["items"] == []
    next_sid = peer.call(to=VIC, status_callback=f"{peer.customer.url}/status")
    peer.post(f"calls/{next_sid}/busy")
    eventually(peer.customer.states)
    assert [form["CallSid"] for form in peer.customer.forms("/status")] == [next_sid]
    assert peer.get("calls", to=ADA)["items"] == []
