"""Scripted behaviour: refusals, hung requests, cut connections, odd callbacks."""

import threading
from time import monotonic

import httpx
import pytest
from requests.exceptions import ConnectionError as Cut
from twilio.base.exceptions import TwilioRestException

from simulator.script import Script, WrongBehaviour, parse
from tests.simulator.customer import ACCOUNT, ADA, TOKEN, VIC, Peer, eventually


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"anser": "1"}, "anser"),
        ({"answer": "abc"}, "answer"),
        ({"answer": ""}, "answer"),
        ({"delay_s": -1}, "delay_s"),
        ({"delay_s": True}, "delay_s"),
        ({"http": 99}, "http"),
        ({"http": [503, "x"]}, "http"),
        ({"busy": 1}, "busy"),
        ({"callbacks": "sometimes"}, "callbacks"),
        ({"callbacks": 3}, "callbacks"),
        ({"disconnect": "never"}, "disconnect"),
        ({"count": 0}, "count"),
        ({"answer": {"keys": "1"}}, "answer"),
        ("bussy", "object"),
        (["busy"], "object"),
    ],
)
def test_a_wrong_behaviour_names_its_field(fields: object, field: str) -> None:
    with pytest.raises(WrongBehaviour, match=field):
        parse(ADA, fields)


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("busy", {"busy": True}),
        ("no_answer", {"no_answer": True}),
        ({"answer": {"digits": "31"}}, {"answer": "31"}),
        ({"answer": {"digits": 4}, "delay_s": 2}, {"answer": "4", "delay_s": 2}),
        ({"answer": {}}, {"answer": True}),
    ],
)
def test_a_flag_by_its_name_and_an_answer_as_on_the_phone_are_understood(short: object, whole: object) -> None:
    assert parse(ADA, short) == parse(ADA, whole)


def test_a_wrong_script_changes_nothing(peer: Peer) -> None:
    peer.script(busy=True)
    response = peer.http.put(f"{peer.url}/api/script", json={ADA: {"answer": "1"}, VIC: {"anser": "1"}})
    assert response.status_code == 400
    assert VIC in response.json()["error"]
    assert peer.get("script") == {ADA: {"busy": True}}


def test_a_script_is_shown_as_it_was_put_and_forgotten(peer: Peer) -> None:
    told = {ADA: {"http": [503, 200], "answer": "1"}, "*": {"hang_s": 2.5}, "ada@harbor.example": {"smtp": 451}}
    assert peer.put("script", told) == told
    assert peer.put("script", {VIC: {"busy": True}}).keys() == {*told, VIC}
    assert peer.put("script", {VIC: None}) == told
    assert peer.put("script", {}) == {}
    peer.put("script", told)
    peer.delete("script")
    assert peer.get("script") == {}


def test_a_list_is_used_up_and_a_single_status_is_not() -> None:
    script = Script()
    script.put({ADA: {"http": [503, 429]}, VIC: {"http": 500}})
    assert [script.take(ADA).http[:1] for _ in range(3)] == [(503,), (429,), ()]
    assert [script.take(VIC).http[:1] for _ in range(3)] == [(500,)] * 3


def test_a_count_runs_out_and_the_star_is_for_everybody_else() -> None:
    script = Script()
    script.put({ADA: {"busy": True, "count": 2}, "*": {"no_answer": True}, VIC: {}})
    assert [script.take(ADA).busy for _ in range(3)] == [True, True, False]
    assert script.take(ADA).no_answer
    assert [script.take(VIC).no_answer for _ in range(2)] == [False, False]
    assert not script.take("ada@harbor.example").no_answer
    assert not script.take("hook:a").no_answer


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 20503), (400, 20001), (401, 20003)])
def test_refusals_carry_twilios_codes(peer: Peer, status: int, code: int) -> None:
    peer.script(http=status)
    with pytest.raises(TwilioRestException) as refused:
        peer.text()
    assert (refused.value.status, refused.value.code) == (status, code)


def test_refusals_one_by_one_then_success(peer: Peer) -> None:
    peer.script(http=[503, 400, 200], code=21610, retry_after_s=7)
    for status in (503, 400):
        with pytest.raises(TwilioRestException) as refused:
            peer.text()
        assert (refused.value.status, refused.value.code) == (status, 21610)
    peer.text()
    attempts = peer.get("requests", to=ADA)["items"]
    assert [(attempt["state"], attempt["status"]) for attempt in attempts] == [
        ("refused", 503),
        ("refused", 400),
        ("accepted", 201),
    ]


def test_retry_after_is_sent(peer: Peer) -> None:
    peer.script(http=429, retry_after_s=3)
    response = peer.http.post(
        f"{peer.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        auth=(ACCOUNT, TOKEN),
        data={"To": ADA, "From": "+15005550006", "Body": "x"},
    )
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3")


def test_a_hung_request_made_its_call_all_the_same(peer: Peer) -> None:
    peer.script(hang_s=3, answer="1")
    with pytest.raises(httpx.ReadTimeout):
        peer.http.post(
            f"{peer.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json",
            auth=(ACCOUNT, TOKEN),
            data={"To": ADA, "From": "+15005550006", "Twiml": "<Response/>"},
            timeout=0.3,
        )
    (call,) = peer.twilio.calls.list(to=ADA)
    peer.wait_for_call(str(call.sid), "completed")


def test_hung_requests_block_nobody(peer: Peer) -> None:
    peer.put("script", {f"+4670000000{n}": {"hang_s": 1.5} for n in range(5)})
    hung = [threading.Thread(target=peer.text, kwargs={"to": f"+4670000000{n}"}) for n in range(5)]
    for thread in hung:
        thread.start()
    eventually(lambda: len(peer.get("messages")["items"]) == 5)
    began = monotonic()
    peer.text(to=VIC)
    assert monotonic() - began < 0.5
    for thread in hung:
        thread.join()


@pytest.mark.parametrize(("moment", "made"), [("before", 0), ("after", 1)])
def test_a_cut_connection(peer: Peer, moment: str, made: int) -> None:
    peer.script(disconnect=moment)
    with pytest.raises(Cut):
        peer.text()
    assert len(peer.get("messages")["items"]) == made
    assert peer.get("requests", state="disconnected")["items"]


def test_callbacks_reordered(peer: Peer) -> None:
    peer.script(callbacks="reordered")
    peer.text(status_callback=f"{peer.customer.url}/status")
    eventually(lambda: len(peer.customer.states()) == 3)
    assert peer.customer.states() == ["delivered", "sent", "queued"]


def test_callbacks_doubled_and_late(peer: Peer) -> None:
    peer.script(callbacks=["doubled", "late"], callback_delay_s=0.2)
    began = monotonic()
    peer.text(status_callback=f"{peer.customer.url}/status")
    eventually(lambda: len(peer.customer.states()) == 6)
    assert peer.customer.states() == ["queued", "queued", "sent", "sent", "delivered", "delivered"]
    assert peer.customer.at("/status")[0].at - began >= 0.2


def test_callbacks_dropped(peer: Peer) -> None:
    peer.script(callbacks="dropped")
    sid = peer.text(status_callback=f"{peer.customer.url}/status")
    peer.wait_for_message(sid, "delivered")
    last = peer.text(to=VIC, status_callback=f"{peer.customer.url}/status")
    eventually(lambda: len(peer.customer.states()) == 3)
    assert {form["MessageSid"] for form in peer.customer.forms("/status")} == {last}


def test_a_callback_is_tried_again_only_if_the_connection_failed(peer: Peer) -> None:
    peer.customer.statuses["/status"] = [-1, 200, 500]
    sid = peer.text(status_callback=f"{peer.customer.url}/status")
    eventually(lambda: peer.customer.states()[-1:] == ["delivered"])
    assert peer.customer.states() == ["queued", "queued", "sent", "delivered"]
    tokens = [received.token for received in peer.customer.at("/status")]
    assert tokens[0] == tokens[1]
    assert len(set(tokens)) == 3
    log = eventually(lambda: next((c for c in [peer.get(f"messages/{sid}")["callbacks"]] if len(c) == 4), None))
    assert [(entry["attempt"], entry["status"]) for entry in log] == [(1, None), (2, 200), (1, 500), (1, 204)]


def test_delayed_delivery(peer: Peer) -> None:
    peer.script(delay_s=0.6)
    sid = peer.text()
    peer.wait_for_message(sid, "sent")
    began = monotonic()
    peer.wait_for_message(sid, "delivered")
    assert monotonic() - began > 0.3
