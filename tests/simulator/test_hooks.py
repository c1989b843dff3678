"""The sink for webhooks."""

from time import monotonic

import httpx
import pytest

from tests.simulator.customer import Peer


def test_a_webhook_is_kept_as_it_came(peer: Peer) -> None:
    body = b'{"title": "SEV1"}'
    response = peer.http.post(f"{peer.url}/hook/chat?x=1", content=body, headers={"X-Signature": "abc"})
    assert response.status_code == 200
    (item,) = peer.get("hooks", name="chat")["items"]
    assert (item["text"], item["headers"]["X-Signature"], item["query"]) == (body.decode(), "abc", "x=1")
    assert peer.get("hooks", name="other")["items"] == []


def test_a_webhook_is_answered_as_scripted(peer: Peer) -> None:
    peer.put("script", {"hook:chat": {"http": [503, 410], "delay_s": 0.3}})
    began = monotonic()
    answers = [peer.http.post(f"{peer.url}/hook/chat").status_code for _ in range(3)]
    assert answers == [503, 410, 200]
    assert monotonic() - began >= 0.9
    assert [item["answered"] for item in peer.get("hooks", name="chat")["items"]] == [503, 410, 200]


def test_a_webhook_connection_is_cut(peer: Peer) -> None:
    peer.put("script", {"hook:chat": {"disconnect": "after", "count": 1}})
    with pytest.raises(httpx.RemoteProtocolError):
        peer.http.post(f"{peer.url}/hook/chat")
    assert len(peer.get("hooks")["items"]) == 1
