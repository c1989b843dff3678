"""The own API's lists, waiting for changes, and the moment of arrival."""

import base64
import socket
import threading
import time
from datetime import datetime

from tests.simulator.customer import ACCOUNT, ADA, MUSTER, TOKEN, VIC, Peer, eventually


def test_items_are_filtered_by_number_and_state(peer: Peer) -> None:
    ringing, busy = peer.call(), peer.call(to=VIC)
    peer.post(f"calls/{busy}/busy")
    peer.wait_for_call(ringing, "ringing")
    assert [item["sid"] for item in peer.get("calls")["items"]] == [ringing, busy]
    assert [item["sid"] for item in peer.get("calls", to=VIC)["items"]] == [busy]
    assert [item["sid"] for item in peer.get("calls", state="ringing")["items"]] == [ringing]
    assert peer.get("calls", to=VIC, state="ringing")["items"] == []


def test_a_wait_ends_with_the_matching_change(peer: Peer) -> None:
    seen = peer.get("messages")["seq"]
    threading.Timer(0.3, peer.text, kwargs={"to": VIC}).start()
    threading.Timer(0.5, peer.text).start()
    began = time.monotonic()
    found = peer.get("messages", to=ADA, after=seen, wait_s=5)
    assert 0.4 < time.monotonic() - began < 1.5
    assert [item["to"] for item in found["items"]] == [ADA]
    assert peer.get("messages", to="+46709999999", after=found["seq"], wait_s=0.2)["items"] == []
    eventually(lambda: len(peer.get("messages", state="delivered")["items"]) == 2)


def test_a_wait_for_a_state_ends_when_it_is_reached(peer: Peer) -> None:
    sid = peer.call()
    found = peer.get("calls", to=ADA, state="ringing", wait_s=5)
    assert [item["sid"] for item in found["items"]] == [sid]


def test_wrong_numbers_in_the_query_are_400(peer: Peer) -> None:
    for query in ("after=x", "wait_s=-1", "limit=nan"):
        response = peer.http.get(f"{peer.url}/api/calls?{query}")
        assert response.status_code == 400, query
        assert "error" in response.json()


def test_received_at_is_when_the_last_byte_was_in(peer: Peer) -> None:
    body = f"To=%2B46701000001&From=%2B{MUSTER[1:]}&Body=slow".encode()
    authorization = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    head = (
        f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Basic {authorization}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode()
    port = int(peer.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + body[:-1])
        time.sleep(0.4)
        before = time.time()
        connection.sendall(body[-1:])
        assert connection.recv(100).startswith(b"HTTP/1.1 201")
        after = time.time()
    (item,) = peer.get("messages")["items"]
    assert before <= datetime.fromisoformat(item["received_at"]).timestamp() + 1e-5
    assert datetime.fromisoformat(item["received_at"]).timestamp() <= after


def test_a_thousand_messages_in_a_burst(peer: Peer) -> None:
    def send(start: int) -> None:
        for n in range(start, start + 125):
            peer.http.post(
                f"{peer.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
                auth=(ACCOUNT, TOKEN),
                data={"To": f"+4670{n:07d}", "From": MUSTER, "Body": "x"},
            ).raise_for_status()

    threads = [threading.Thread(target=send, args=(start,)) for start in range(0, 1000, 125)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 10, "the thousand requests of this test's own clients take most of it"
    items = peer.get("messages")["items"]
    moments = [item["received_at"] for item in items]
    assert len(items) == 1000
    assert moments == sorted(set(moments)), "no two share a moment"


def test_requests_name_what_they_made(peer: Peer) -> None:
    sid = peer.text()
    (attempt,) = peer.get("requests", kind="message")["items"]
    assert (attempt["item"], attempt["status"], attempt["to"]) == (sid, 201, ADA)
    assert peer.get("requests", kind="call")["items"] == []


def test_everything_is_cleared_but_the_names(peer: Peer) -> None:
    peer.put("contacts", {ADA: {"name": "Ada", "title": "CEO"}})
    peer.script(busy=True)
    sid = peer.text()
    peer.wait_for_call(peer.call(), "busy")
    peer.post(f"messages/{sid}/reply", body="STOP")
    peer.http.delete(f"{peer.url}/api").raise_for_status()
    for kind in ("calls", "messages", "mail", "hooks", "requests"):
        assert peer.get(kind)["items"] == [], kind
    assert peer.get("script") == {}
    assert peer.get("contacts")[ADA]["name"] == "Ada"
    peer.text()
