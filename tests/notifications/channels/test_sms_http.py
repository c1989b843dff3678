"""Texts by any provider of one HTTP request: the template, the answers, the rules for outgoing requests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from pytest_django import Settings

from config import environment
from config.environment import WrongSettingError
from notifications.channels.base import ChannelFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from notifications.channels.registry import carrier, carriers
from notifications.channels.sms_http.request import request_of, why_wrong
from tests.gateway import Gateway
from tests.notifications.channels.said import told

ODD = 'Line "A" & <b> {id} \\ 50% ü\nsecond'


@pytest.fixture
def to_json(settings: Settings, provider: Gateway) -> Gateway:
    """Describe a provider that takes JSON."""
    settings.SMS_HTTP_URL = f"{provider.url}/send?ref={{id}}"
    settings.SMS_HTTP_METHOD = "POST"
    settings.SMS_HTTP_HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer key"}
    settings.SMS_HTTP_BODY = '{"to": "{digits}", "from": "{from}", "text": "{text}"}'
    settings.SMS_HTTP_FROM = "Muster"
    settings.SMS_HTTP_SUCCESS = None
    return provider


def test_a_text_is_asked_for_as_described(to_json: Gateway) -> None:
    receipt = carrier("sms", "http").send(told(headline=ODD))
    (asked,) = to_json.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/send", "ref=7")
    assert asked.headers["authorization"] == "Bearer key"
    assert asked.json["to"] == "46701234567"
    assert asked.json["from"] == "Muster"
    assert ODD in asked.json["text"]
    assert "https://muster.example/p/x-y-z/" in asked.json["text"]
    assert "Reply" not in asked.json["text"]  # nobody would read it
    assert not receipt.delivered


def test_a_question_is_told_and_answered_by_the_link(to_json: Gateway) -> None:
    carrier("sms", "http").send(told(question="Turn hall 2 off?", seal="s", pin="needed"))
    assert "Turn hall 2 off?" in to_json.asked[0].json["text"]


@pytest.mark.parametrize(
    ("content_type", "body", "read"),
    [
        ("application/json; charset=utf-8", '{"text": "{text}"}', lambda body: json.loads(body)["text"]),
        ("text/xml", "<sms><text>{text}</text></sms>", lambda body: ElementTree.fromstring(body)[0].text),  # noqa: S314
        ("application/x-www-form-urlencoded", "a=1&text={text}", lambda body: parse_qs(body)["text"][0]),
        ("text/plain", "{text}", lambda body: body),
    ],
)
def test_words_are_written_as_their_surroundings_need(content_type: str, body: str, read: Any) -> None:
    values = {"to": "+1", "digits": "1", "text": ODD, "from": "", "id": "7"}
    headers = {"content-type": content_type}
    request = request_of(method="POST", url="http://x/{text}", headers=headers, body=body, values=values)
    assert read(request.body.decode()) == ODD
    assert re.fullmatch(r"http://x/[A-Za-z0-9%._~-]+", request.url)


def test_what_no_document_may_hold_loses_no_text() -> None:
    values = {"to": "+1", "digits": "1", "text": "Disk\x07 full\x1b[0m\ufffe", "from": "", "id": "7"}
    request = request_of(
        method="POST", url="http://x/", headers={"Content-Type": "text/xml"}, body="<sms>{text}</sms>", values=values
    )
    assert ElementTree.fromstring(request.body).text == "Disk  full [0m "  # noqa: S314 - our own


@pytest.mark.parametrize(
    ("status", "failure", "scope"),
    [
        (429, TemporaryFailure, ""),
        (503, TemporaryFailure, ""),
        (401, PermanentFailure, "configuration"),
        (404, PermanentFailure, "configuration"),
        (400, PermanentFailure, "message"),
        (302, PermanentFailure, "message"),
        (None, OutcomeUnknown, ""),
    ],
)
def test_answers_decide(to_json: Gateway, status: int | None, failure: type[ChannelFailure], scope: str) -> None:
    to_json.always(status, Location="http://127.0.0.1:1/")
    with pytest.raises(failure) as raised:
        carrier("sms", "http").send(told())
    assert getattr(raised.value, "scope", "") == scope
    assert len(to_json.asked) == 1


def test_an_answer_of_200_may_still_say_no(to_json: Gateway, settings: Settings) -> None:
    settings.SMS_HTTP_SUCCESS = re.compile(r'"id": ?"(?P<ref>[^"]+)"')
    to_json.always(200, {"id": "abc-1"})
    assert carrier("sms", "http").send(told()).ref == "abc-1"
    to_json.always(200, {"error": "no credit"})
    with pytest.raises(PermanentFailure) as refused:
        carrier("sms", "http").send(told())
    assert refused.value.code == "not_success"


def test_a_private_network_is_the_settings_fault_and_nobodys_number(to_json: Gateway, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(PermanentFailure) as refused:
        carrier("sms", "http").send(told())
    assert (refused.value.scope, refused.value.code) == ("configuration", "private_address")
    assert to_json.asked == []


def test_it_carries_texts_beside_others_once_it_is_set(to_json: Gateway, settings: Settings) -> None:
    assert carriers("sms")[-1].provider == "http"
    settings.SMS_HTTP_URL = ""
    assert "http" not in [each.provider for each in carriers("sms")]
    assert to_json.asked == []


@pytest.mark.parametrize(
    ("url", "kind", "body", "word"),
    [
        ("https://x/", "", "{text}", "{to}"),
        ("https://x/{to}", "", "", "{text}"),
        ("ftp://x/{to}", "", "{text}", "https"),
        ("https://x/{to}", "application/json", '{"text": {text}', "JSON"),
        ("https://x/{to}", "application/json", '{"text": "{text}"}', ""),
        ("https://x/?to={digits}&text={text}", "", "", ""),
    ],
)
def test_a_template_that_can_never_work_is_named(url: str, kind: str, body: str, word: str) -> None:
    wrong = why_wrong(url=url, content_type=kind, body=body)
    assert word in wrong
    assert bool(wrong) == bool(word)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMS_HTTP_BODY", "{to} {message}"),
        ("SMS_HTTP_HEADERS", "Authorization: x"),
        ("SMS_HTTP_HEADERS", '{"A b": "x"}'),
        ("SMS_HTTP_HEADERS", '{"A": "x\\r\\nB: y"}'),
        ("SMS_HTTP_SUCCESS", "(id"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    readers: dict[str, Callable[[], object]] = {
        "SMS_HTTP_BODY": lambda: environment.places(name, known=("to", "text")),
        "SMS_HTTP_HEADERS": lambda: environment.headers(name),
        "SMS_HTTP_SUCCESS": lambda: environment.pattern(name),
    }
    with pytest.raises(WrongSettingError, match=f"^{name}"):
        readers[name]()
