"""A NUL character, which PostgreSQL can't store or compare with, is refused wherever it comes in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.api.calling import calling_as
from tests.builders import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(make_person("Alma"))
    return browser


@pytest.mark.parametrize(
    "address",
    [("incidents", "q"), ("alerts", "q"), ("alerts", "service"), ("people", "q"), ("ledger", "subject")],
    ids="?".join,
)
def test_in_a_query(browser: Client, address: tuple[str, str]) -> None:
    name, parameter = address
    assert browser.get(reverse(name), {parameter: "a\0b"}).status_code == 422


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_in_a_form(browser: Client, name: str) -> None:
    nobody = Client(raise_request_exception=False)
    fields = {"login": "ada\0@harbor.example", "email": "ada\0@harbor.example", "password": "pass\0word"}
    assert nobody.post(reverse(name), fields).status_code in (200, 422)
    assert browser.post(reverse("ledger_verify"), {"subject": "a\0b"}).status_code == 422


def test_in_an_incident(browser: Client) -> None:
    answer = browser.post(reverse("declare"), {"title": "Power\0lost", "severity": "3", "type": "other"})
    assert answer.status_code in (200, 422)
    assert b"ull character" in answer.content.lower() or b"nul character" in answer.content.lower()


@pytest.mark.parametrize(
    "path",
    [
        *["/people/a%00b", "/incidents/a%00b", "/pages/a%00b", "/people?cursor=%00", "/ledger?subject=a%00b"],
        *["/incidents?status=%00", "/alerts?service=a%00b", "/deliveries?person=a%00b", "/on-call?at=%00"],
        *["/incidents/99999999999999999999", "/pages/99999999999", "/ledger?subject=x&cursor=99999999999999999"],
    ],
)
def test_in_the_api(path: str) -> None:
    answer = calling_as(make_person("Alma")).call("GET", path)
    assert answer.status_code in (200, 404, 422)
    assert answer.status_code == 200 or answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        *[b"\xff\xfe", b"[]", b"null", b"7", b'{"title": 7}', b'{"title": {"a": 1}}', b'{"title": "a\\u0000b"}'],
        *[b'{"title": "a", "severity": 99999999999999999999}', b'{"title": "a", "severity": 1.5}'],
        *[b'{"title": "a", "service": "99999999999999999999"}', b'{"title": "\\ud800"}', b"{" * 100_000],
    ],
)
def test_a_body_of_the_wrong_shape(body: bytes) -> None:
    answer = calling_as(make_person("Alma")).call("POST", "/incidents", body)
    assert answer.status_code in (400, 422), answer.content
    assert answer["Content-Type"] == "application/problem+json"
