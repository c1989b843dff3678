"""Vonage by its official library over HTTP: what it is asked, what its answers mean, and whose requests count."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from vonage_http_client import Auth
from vonage_voice.models.ncco import Input, Talk

from notifications.channels.base import ChannelFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.registry import carrier, carriers
from notifications.channels.vonage import ncco
from notifications.channels.vonage.errors import DELIVERING, SENDING, failure_of, refusal_of, refused_text
from notifications.channels.vonage.states import CALLS, TEXTS, call_news, text_news
from notifications.models import RefusedCallback
from notifications.rules.provider_states import becomes
from tests.gateway import Told
from tests.notifications.channels.said import AT, told
from tests.vonage_peer import KEY, SIGNATURE, VonagePeer, bearer, vonage_peer


@pytest.fixture
def peer(settings: Settings) -> Iterator[VonagePeer]:
    """Run a stand-in for Vonage."""
    with vonage_peer(settings) as running:
        yield running


def test_a_text_is_sent_by_the_library(peer: VonagePeer) -> None:
    receipt = carrier("sms", "vonage").send(told(valid_s=600))
    (text,) = peer.texts
    assert receipt.ref == text.ref
    assert text.asked["to"] == "46701234567"
    assert text.asked["from"] == "12025550111"
    assert text.asked["type"] == "text"
    assert text.asked["ttl"] == "600000"
    assert text.asked["callback"].endswith("/vonage/text/7/1")
    assert "4821" in text.asked["text"]


def test_a_text_beyond_the_gsm_alphabet_goes_as_unicode(peer: VonagePeer) -> None:
    carrier("sms", "vonage").send(told(headline="停電"))
    assert peer.texts[0].asked["type"] == "unicode"


def test_a_callback_address_that_is_too_long_does_not_lose_the_text(peer: VonagePeer, settings: Settings) -> None:
    settings.PUBLIC_URL = f"https://{'x' * 90}.example"
    carrier("sms", "vonage").send(told())
    assert "callback" not in peer.texts[0].asked


def test_the_longest_text_about_several_pages_is_one_that_the_library_takes(peer: VonagePeer) -> None:
    many = tuple(told(delivery_id=10**17 + each, fence=99, urgency="low") for each in range(8))
    carrier("sms", "vonage").send(replace(many[0], together=many[1:]))
    (text,) = peer.texts
    assert len(text.asked["client-ref"]) <= 100
    assert text.asked["callback"].endswith("/vonage/texts")


def test_a_call_fetches_its_words_from_us(peer: VonagePeer) -> None:
    receipt = carrier("voice", "vonage").send(told())
    (call,) = peer.calls
    assert receipt.ref == call.uuid
    assert call.asked["to"] == [{"type": "phone", "number": "46701234567"}]
    assert call.asked["from"] == {"type": "phone", "number": "12025550111"}
    assert "/vonage/voice/" in call.asked["answer_url"][0]
    assert call.asked["answer_method"] == "POST"
    assert call.asked["event_url"][0].endswith("/vonage/call/7/1")
    assert call.asked["ringing_timer"] == 25


def test_a_call_without_a_question_carries_its_words(peer: VonagePeer) -> None:
    message = told(kind="verification", answerable=False, sentence="Your code for Muster is 123456.")
    carrier("voice", "vonage").send(message)
    spoken = " ".join(step["text"] for step in peer.calls[0].asked["ncco"])
    assert "1, 2, 3, 4, 5, 6" in spoken
    assert "answer_url" not in peer.calls[0].asked


def test_a_lost_answer_is_looked_up_and_no_call_is_taken_for_anothers(peer: VonagePeer) -> None:
    way = carrier("voice", "vonage")
    assert way.look_up(told(), since=AT, known=frozenset()) is None
    way.send(told())
    (call,) = peer.calls
    found = way.look_up(told(), since=AT, known=frozenset())
    assert found is not None
    assert found.ref == call.uuid
    assert way.look_up(told(), since=AT, known=frozenset({call.uuid})) is None
    assert way.look_up(told(to="+46709999999"), since=AT, known=frozenset()) is None


def test_a_ringing_call_is_hung_up_and_an_answered_one_goes_on(peer: VonagePeer) -> None:
    way = carrier("voice", "vonage")
    ringing, answered = way.send(told()).ref, way.send(told()).ref
    peer.calls[1].status = "answered"
    for ref in (ringing, answered, "00000000-0000-0000-0000-000000000000"):
        way.withdraw(ref)
    assert [call.status for call in peer.calls] == ["cancelled", "answered"]
    assert way.ask(answered).kind == "delivered"


@pytest.mark.parametrize("kind", ["sms", "voice"])
@pytest.mark.parametrize(
    ("status", "failure", "scope"),
    [
        (429, TemporaryFailure, ""),
        (500, TemporaryFailure, ""),
        (503, TemporaryFailure, ""),
        (401, PermanentFailure, "configuration"),
        (403, PermanentFailure, "configuration"),
        (400, PermanentFailure, "message"),
        (302, PermanentFailure, "message"),
        (None, OutcomeUnknown, ""),
    ],
)
def test_answers_decide(
    peer: VonagePeer, kind: str, status: int | None, failure: type[ChannelFailure], scope: str
) -> None:
    peer.refuse = Told(status=status, body=json.dumps({"detail": "No."}), headers={"Retry-After": "9"})
    with pytest.raises(failure) as raised:
        carrier(kind, "vonage").send(told())
    assert getattr(raised.value, "scope", "") == scope
    assert isinstance(raised.value, OutcomeUnknown) or raised.value.detail == "No."
    assert getattr(raised.value, "retry_after_s", None) in (None, 9.0)


def test_a_wrong_key_is_the_configuration(peer: VonagePeer, settings: Settings) -> None:
    settings.VONAGE_API_SECRET = "guessed"
    with pytest.raises(PermanentFailure) as refused:
        carrier("sms", "vonage").send(told())
    assert (refused.value.scope, peer.texts) == ("configuration", [])


@pytest.mark.parametrize("code", sorted(SENDING))
def test_a_refused_text_is_sorted_by_its_status(peer: VonagePeer, code: int) -> None:
    peer.text_status = str(code)
    with pytest.raises(ChannelFailure) as raised:
        carrier("sms", "vonage").send(told())
    assert raised.value.code == str(code)
    assert isinstance(raised.value, TemporaryFailure) == (SENDING[code] in ("temporary", "person"))
    assert getattr(raised.value, "scope", SENDING[code]) == SENDING[code]


def test_codes_that_nobody_knows_are_about_the_message() -> None:
    assert getattr(refused_text("98", "?"), "scope", "") == "message"
    assert refusal_of("98").scope == ""
    assert getattr(failure_of(status=418, body="<html>", retry_after=None), "scope", "") == "message"


@pytest.mark.parametrize("code", sorted(DELIVERING))
def test_a_receipts_code_decides(code: int) -> None:
    news = text_news(ref="m", status="failed", code=str(code))
    assert news is not None
    assert news.try_again == (DELIVERING[code] == "temporary")
    assert news.scope == (DELIVERING[code] if DELIVERING[code] in ("address", "configuration") else "")


@given(words=st.permutations([*sorted(CALLS) * 2]))
def test_late_and_doubled_words_about_a_call_never_take_it_back(words: list[str]) -> None:
    state, rank = "sent", 0
    for word in words:
        news = call_news(ref="c", status=word)
        assert news is not None
        before = state
        state = becomes(state=state, rank=rank, news=news)
        rank = max(rank, news.rank)
        # That it was nobody who answered may be found out afterwards, and only that takes an answered call back.
        assert before in ("sent", state) or (before, state, news.nobody) == ("delivered", "failed", True)


def test_words_that_vonage_added_since_say_nothing() -> None:
    assert call_news(ref="c", status="pondering") is None
    assert text_news(ref="m", status="pondering") is None
    assert call_news(ref="c", status="failed", detail="number_out_of_service").scope == "address"  # type: ignore[union-attr]
    assert {kind for _rank, kind in TEXTS.values()} == {"progress", "delivered", "failed"}


@given(headline=st.text(min_size=1, max_size=3000), turn=st.integers(1, 4))
def test_whatever_people_write_a_call_is_one_that_vonage_takes(headline: str, turn: int) -> None:
    message = told(spoken=headline, sentence=headline)
    steps = [*ncco.question(message, token="t", turn=turn), *ncco.statement(message)]
    steps += ncco.pin_wanted(message, token="t", seal="s", turn=1, first=headline)
    for step in steps:
        (Talk if step["action"] == "talk" else Input)(**step)
        assert step["action"] != "talk" or 0 < len(step["text"]) <= ncco.LONGEST_TALK


def test_it_stands_behind_the_first_carrier_and_only_where_it_is_set(peer: VonagePeer, settings: Settings) -> None:
    assert [each.provider for each in carriers("voice")] == ["twilio", "vonage"]
    settings.CHANNEL_PROVIDERS = {"voice": ("vonage", "twilio")}
    assert [each.provider for each in carriers("voice")] == ["vonage", "twilio"]
    settings.VONAGE_FROM = ""
    assert [each.provider for each in carriers("voice")] == ["twilio"]
    assert "VONAGE_FROM" in carrier("voice", "vonage").trouble()
    assert peer.calls == []


BODY = json.dumps({"uuid": "u", "status": "answered"}).encode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, {}),
        (BODY, {"Authorization": "Bearer nonsense"}),
        (BODY, {"Authorization": bearer(BODY)["Authorization"].replace("Bearer", "Basic")}),
        (BODY, bearer(BODY, secret="guessed-guessed-guessed-guessed-guessed")),
        (BODY, bearer(b"{}")),
        (BODY, bearer(BODY, api_key="another")),
        (BODY, bearer(BODY, iat=int(time.time()) - 360)),
        (BODY, bearer(BODY, exp=int(time.time()) - 60)),
        (b"[]", bearer(b"[]")),
    ],
)
def test_what_is_not_signed_by_vonage_changes_nothing(
    peer: VonagePeer, client: Client, body: bytes, headers: dict[str, str]
) -> None:
    for path in ("/vonage/call/1/1", "/vonage/voice/x", "/vonage/voice/x/key", "/vonage/voice/x/pin", "/vonage/voice"):
        answer = client.post(path, body, content_type="application/json", headers=headers)
        assert answer.status_code == 403
    assert RefusedCallback.objects.get(provider="vonage").count == 5
    assert client.get("/vonage/voice/x").status_code == 405
    assert peer.calls == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[" * 20_000,
        b"[]",
        b'{"sig": 1}',
        b'{"sig": "1", "timestamp": []}',
        b'{"sig": 1, "timestamp": 1}',
        '{"sig": "\u00e9", "timestamp": "1"}'.encode(),
        b'{"sig": "1", "timestamp": "1", "text": "\\ud800"}',
    ],
)
def test_nonsense_about_a_text_is_refused(peer: VonagePeer, client: Client, body: bytes) -> None:
    for path in ("/vonage/text/1/1", "/vonage/texts", "/vonage/sms"):
        assert client.post(path, body, content_type="application/json").status_code == 403
    assert peer.texts == []


@pytest.mark.django_db
def test_a_token_over_the_body_is_let_through(peer: VonagePeer, client: Client) -> None:
    answer = client.post("/vonage/call/1/1", BODY, content_type="application/json", headers=bearer(BODY))
    assert answer.status_code == 204
    answer = client.post("/vonage/voice/x", BODY, content_type="application/json", headers=bearer(BODY))
    assert (answer.status_code, answer.json()) == (200, [])
    assert peer.calls == []


@pytest.mark.django_db
@pytest.mark.parametrize("changed", ["status", "sig", "timestamp"])
def test_changed_parameters_of_a_text_are_refused(
    peer: VonagePeer, client: Client, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(peer._http, "post", lambda _url, json: sent.append(json))
    peer.post_signed("", {"messageId": "m", "status": "delivered"})
    good = client.post("/vonage/text/1/1", json.dumps(sent[0]), content_type="application/json")
    assert good.status_code == 200
    forged = {**sent[0], changed: "12"}
    assert client.post("/vonage/text/1/1", json.dumps(forged), content_type="application/json").status_code == 403
    assert client.post("/vonage/text/1/1", forged).status_code == 403
    assert client.post("/vonage/text/1/1", sent[0]).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("age_h", "status"), [(1, 200), (30, 200), (48, 403), (-48, 403)])
def test_a_recorded_text_counts_no_more_once_its_receipt_is_gone(
    peer: VonagePeer, client: Client, age_h: int, status: int
) -> None:
    told = {"messageId": "m", "msisdn": "12065550100", "text": "1", "timestamp": str(int(time.time()) - age_h * 3600)}
    signer = Auth(api_key=KEY, signature_secret=SIGNATURE, signature_method="sha256")
    body = json.dumps({**told, "sig": signer.sign_params(dict(told))})
    assert client.post("/vonage/sms", body, content_type="application/json").status_code == status
