"""Text messages: states, refusals, replies, opting out."""

from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from twilio.base.exceptions import TwilioRestException

from simulator.provider.representation import segments
from tests.simulator.customer import ADA, MUSTER, VIC, Peer, eventually


def test_a_message_is_queued_sent_and_delivered(peer: Peer) -> None:
    sid = peer.text("Åda, reply 4711 or http://127.0.0.1/p/9", status_callback=f"{peer.customer.url}/status")
    item = peer.wait_for_message(sid, "delivered")
    assert (item["to"], item["text"]) == (ADA, "Åda, reply 4711 or http://127.0.0.1/p/9")
    assert item["links"] == ["http://127.0.0.1/p/9"]
    eventually(lambda: len(peer.customer.states()) == 3)
    assert peer.customer.states() == ["queued", "sent", "delivered"]
    assert all(received.signed for received in peer.customer.received)
    fetched = peer.twilio.messages(sid).fetch()
    assert fetched.status == "delivered"
    assert fetched.date_sent is not None


@pytest.mark.parametrize(
    ("behaviour", "state", "code"),
    [
        ({"undelivered": 30005}, "undelivered", 30005),
        ({"undelivered": True}, "undelivered", 30003),
        ({"message_failed": 30007}, "failed", 30007),
        ({"message_failed": True}, "failed", 30008),
    ],
)
def test_a_message_that_does_not_arrive(peer: Peer, behaviour: dict[str, object], state: str, code: int) -> None:
    peer.script(**behaviour)
    sid = peer.text(status_callback=f"{peer.customer.url}/status")
    peer.wait_for_message(sid, state)
    eventually(lambda: peer.customer.states()[-1:] == [state])
    assert peer.customer.forms("/status")[-1]["ErrorCode"] == str(code)
    assert peer.twilio.messages(sid).fetch().error_code == code


@pytest.mark.parametrize(
    ("to", "sender", "body", "code"),
    [
        ("+15005550001", MUSTER, "x", 21211),
        ("0701", MUSTER, "x", 21211),
        ("+15005550002", MUSTER, "x", 21612),
        ("+15005550003", MUSTER, "x", 21408),
        ("+15005550004", MUSTER, "x", 21610),
        ("+15005550009", MUSTER, "x", 21614),
        (ADA, "+15005550001", "x", 21212),
        (ADA, "+15005550007", "x", 21606),
        (ADA, "+15005550008", "x", 21611),
        (ADA, "", "x", 21603),
        ("", MUSTER, "x", 21604),
        (ADA, MUSTER, "", 21602),
        (ADA, MUSTER, "x" * 1601, 21617),
    ],
)
def test_a_message_that_is_refused(peer: Peer, to: str, sender: str, body: str, code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        peer.twilio.messages.create(to=to, from_=sender, body=body)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert peer.get("messages")["items"] == []
    (attempt,) = peer.get("requests")["items"]
    assert (attempt["state"], attempt["status"], attempt["code"]) == ("refused", 400, code)


@pytest.mark.parametrize(
    ("to", "sender", "words", "code"),
    [
        ("", MUSTER, {"twiml": "<Response/>"}, 21201),
        (ADA, "", {"twiml": "<Response/>"}, 21213),
        ("12", MUSTER, {"twiml": "<Response/>"}, 21211),
        ("+15005550002", MUSTER, {"twiml": "<Response/>"}, 21214),
        (ADA, "+15005550001", {"twiml": "<Response/>"}, 21212),
        (ADA, MUSTER, {}, 21205),
        (ADA, MUSTER, {"url": "ftp://example.org/"}, 21205),
        (ADA, MUSTER, {"twiml": "<Response/>", "status_callback": "/relative"}, 21205),
    ],
)
def test_a_call_that_is_refused(peer: Peer, to: str, sender: str, words: dict[str, str], code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        peer.twilio.calls.create(to=to, from_=sender, **words)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert peer.get("calls")["items"] == []


def test_a_stranger_is_turned_away(peer: Peer) -> None:
    peer.twilio.auth = peer.twilio.username, "guessed"
    with pytest.raises(TwilioRestException) as refused:
        peer.text()
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert peer.get("messages")["items"] == []


def test_what_is_not_there_is_404(peer: Peer) -> None:
    for fetch in (peer.twilio.messages("SM" + "0" * 32).fetch, peer.twilio.calls("CA" + "0" * 32).fetch):
        with pytest.raises(TwilioRestException) as refused:
            fetch()
        assert (refused.value.status, refused.value.code) == (404, 20404)


def test_a_reply_goes_to_the_customer_and_its_answer_comes_back(peer: Peer) -> None:
    peer.customer.answers["/sms"] = "<Response><Message>Acknowledged 1042.</Message></Response>"
    sid = peer.text()
    replied = peer.post(f"messages/{sid}/reply", body="4711")
    assert (replied["status"], replied["answers"]) == (200, ["Acknowledged 1042."])
    (inbound,) = peer.customer.at("/sms")
    assert inbound.signed
    form = inbound.form
    assert (form["From"], form["To"], form["Body"], form["SmsStatus"]) == (ADA, MUSTER, "4711", "received")
    assert form["MessageSid"] == replied["sid"]
    bodies = [item["text"] for item in peer.get("messages", to=ADA)["items"]]
    assert bodies == ["Reply 4711", "Acknowledged 1042."]


def test_a_reply_to_a_silent_customer_says_so(peer: Peer) -> None:
    peer.customer.statuses["/sms"] = [-1, -1]
    replied = peer.post("inbound-messages", **{"from": VIC, "body": "hello"})
    assert replied["status"] is None
    first, second = peer.customer.at("/sms")
    assert first.token == second.token, "the one retry carries the same idempotency token"


def test_a_scripted_reply_is_sent_once(peer: Peer) -> None:
    peer.script(reply="1", count=1)
    peer.text()
    peer.text()
    eventually(lambda: peer.customer.at("/sms"))
    eventually(lambda: all(item["state"] == "delivered" for item in peer.get("messages", to=ADA)["items"]))
    assert [form["Body"] for form in peer.customer.forms("/sms")] == ["1"]


def test_stop_and_start(peer: Peer) -> None:
    sid = peer.text()
    peer.post(f"messages/{sid}/reply", body=" stop ")
    with pytest.raises(TwilioRestException) as refused:
        peer.text()
    assert refused.value.code == 21610
    peer.text(to=VIC)
    peer.post(f"messages/{sid}/reply", body="START")
    peer.text()
    assert [form["OptOutType"] for form in peer.customer.forms("/sms")] == ["STOP", "START"]


def test_lists_are_filtered_and_paged_newest_first(peer: Peer) -> None:
    sids = [peer.text(f"number {n}", to=ADA if n % 2 else VIC) for n in range(12)]
    assert [message.sid for message in peer.twilio.messages.list()] == sids[::-1]
    assert [message.sid for message in peer.twilio.messages.list(page_size=5)] == sids[::-1]
    assert {message.to for message in peer.twilio.messages.list(to=ADA)} == {ADA}
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert len(peer.twilio.messages.list(to=ADA, date_sent_after=soon - timedelta(minutes=2))) == 6
    assert peer.twilio.messages.list(to=ADA, date_sent_after=soon) == []
    assert peer.twilio.messages.list(date_sent_before=soon - timedelta(days=1)) == []


def test_pages_stay_put_while_messages_arrive(peer: Peer) -> None:
    before = [peer.text(f"number {n}") for n in range(6)]
    page = peer.twilio.messages.page(page_size=3)
    first = [message.sid for message in page]
    peer.text("in between")
    second = page.next_page()
    assert second is not None
    assert first + [message.sid for message in second] == before[::-1]
    assert second.next_page() is None


def test_calls_are_found_by_number_state_and_time(peer: Peer) -> None:
    ringing = peer.call()
    peer.post(f"calls/{peer.call(to=VIC)}/busy")
    peer.wait_for_call(ringing, "ringing")
    a_minute_ago = datetime.now(UTC) - timedelta(minutes=1)
    assert [call.sid for call in peer.twilio.calls.list(to=ADA, start_time_after=a_minute_ago)] == [ringing]
    assert [call.to for call in peer.twilio.calls.list(status="busy")] == [VIC]
    assert peer.twilio.calls.list(start_time_before=a_minute_ago) == []


def test_bodies_are_redacted_and_records_deleted(peer: Peer) -> None:
    sid = peer.text("a secret")
    peer.wait_for_message(sid, "delivered")
    assert peer.twilio.messages(sid).update(body="").body == ""
    assert peer.twilio.messages(sid).delete()
    assert peer.get("messages")["items"] == []


@pytest.mark.parametrize(
    ("body", "number"),
    [("a" * 160, 1), ("a" * 161, 2), ("å" * 160, 1), ("ą" * 70, 1), ("ą" * 71, 2), ("😀" * 35, 1), ("😀" * 36, 2)],
)
def test_segments(body: str, number: int) -> None:
    assert segments(body) == number


def test_a_shared_key_signs_with_sha_256_until_it_is_taken_back(peer: Peer) -> None:
    peer.put("signing", {"key": "key_one", "secret": "between us"})
    assert peer.get("signing") == {"key": "key_one"}
    sid = peer.text(status_callback=f"{peer.customer.url}/status")
    peer.wait_for_message(sid, "delivered")
    eventually(lambda: len(peer.customer.states()) == 3)
    by_key = peer.customer.at("/status")
    assert [each.settings for each in by_key] == ["key=key_one,algorithm=HMAC_SHA256"] * 3
    assert all(each.signed_by("between us") for each in by_key)
    peer.delete("signing")
    peer.wait_for_message(peer.text(status_callback=f"{peer.customer.url}/again"), "delivered")
    eventually(lambda: len(peer.customer.at("/again")) == 3)
    assert all(each.signed and not each.settings for each in peer.customer.at("/again"))


@pytest.mark.parametrize("body", [{"secret": ""}, {"key": "a=b", "secret": "x"}, {"key": "a,b", "secret": "x"}])
def test_a_key_that_the_header_could_not_hold_is_refused(peer: Peer, body: dict[str, str]) -> None:
    assert peer.http.put(f"{peer.url}/api/signing", json=body).status_code == 400


def test_a_scripted_reply_takes_its_time(peer: Peer) -> None:
    peer.customer.answers["/sms"] = "<Response/>"
    peer.script(reply="ack", reply_after_s=0.8)
    peer.wait_for_message(peer.text(), "delivered")
    delivered = monotonic()
    eventually(lambda: peer.customer.at("/sms"))
    (reply,) = peer.customer.at("/sms")
    assert reply.form["Body"] == "ack"
    assert reply.at - delivered > 0.5
