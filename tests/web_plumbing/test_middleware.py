"""Whom a request comes from, what its log line holds, how a refused move is told."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from pytest_django import Settings

from config.logs import formatter
from web import answers
from web.errors import IllegalMove, NotAllowed

pytestmark = pytest.mark.urls(__name__)


def whoami(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"address": request.META["REMOTE_ADDR"], "secure": request.is_secure()})


def whoami_of(request: HttpRequest, number: int) -> HttpResponse:
    return whoami(request)


@csrf_exempt
def refuse(request: HttpRequest) -> HttpResponse:
    raise IllegalMove("It was resolved a minute ago. Reopen it first.")


def forbid(request: HttpRequest) -> HttpResponse:
    raise NotAllowed("Ask an administrator.")


def no_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("could not connect")


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("boom")


urlpatterns = [
    path("whoami", whoami),
    path("incidents/<int:number>/", whoami_of),
    path("refuse", refuse),
    path("forbid", forbid),
    path("no-database", no_database),
    path("crash", crash),
    path("api/crash", crash),
    path("api/no-database", no_database),
]
handler400, handler403 = answers.bad_request, answers.forbidden
handler404, handler500 = answers.not_found, answers.server_error

Line = Callable[[], dict[str, Any]]


@pytest.fixture
def line(caplog: pytest.LogCaptureFixture) -> Line:
    """Return the log line of the last request, as it is written."""
    caplog.handler.setFormatter(formatter(log_format="json"))

    def last() -> dict[str, Any]:
        lines = [json.loads(text) for text in caplog.text.splitlines()]
        said: dict[str, Any] = [each for each in lines if each["event"] == "request"][-1]
        return said

    return last


@pytest.mark.parametrize(
    ("sender", "forwarded", "address"),
    [
        ("203.0.113.5", "192.0.2.1", "203.0.113.5"),  # not a proxy of ours: its word counts nothing
        ("10.0.0.2", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.2", "1.2.3.4, 192.0.2.1", "192.0.2.1"),  # what stands left of it the client wrote
        ("10.0.0.2", "1.2.3.4, 192.0.2.1, 10.0.0.9", "192.0.2.1"),  # two proxies of ours
        ("10.0.0.2", "garbage", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_our_proxies_are_believed(
    client: Client, settings: Settings, sender: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/24")]
    said = client.get("/whoami", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=sender).json()
    assert said["address"] == address


@pytest.mark.parametrize(("sender", "secure"), [("10.0.0.2", True), ("203.0.113.5", False)])
def test_only_our_proxies_say_that_it_was_https(
    client: Client,
    settings: Settings,
    sender: str,
    secure: bool,
) -> None:
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/24")]
    said = client.get("/whoami", headers={"X-Forwarded-Proto": "https"}, REMOTE_ADDR=sender).json()
    assert said["secure"] is secure


def test_each_request_has_one_line_with_its_id_and_without_its_query(client: Client, line: Line) -> None:
    answer = client.get("/whoami?ticket=do-not-log-this", headers={"X-Request-ID": "from-the-proxy"})
    said = line()
    assert answer["X-Request-ID"] == said["request_id"] == "from-the-proxy"
    assert (said["method"], said["path"], said["status"]) == ("GET", "/whoami", 200)
    assert said["ms"] >= 0
    assert "do-not-log-this" not in json.dumps(said)


def test_the_line_names_the_incident_of_the_address(client: Client, line: Line) -> None:
    client.get("/incidents/1042/")
    assert line()["incident"] == "1042"


@pytest.mark.parametrize("given", ["", "short", "with spaces and\x20more", "x" * 65, "<script>alert(1)</script>"])
def test_an_id_that_does_not_look_like_one_is_replaced(client: Client, given: str) -> None:
    made = client.get("/whoami", headers={"X-Request-ID": given})["X-Request-ID"]
    assert made != given
    assert len(made) == 32


@pytest.mark.django_db
def test_a_refused_form_goes_back_with_the_sentence(client: Client) -> None:
    answer = client.post("/refuse", headers={"Referer": "http://testserver/whoami"})
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/whoami")
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [
        "It was resolved a minute ago. Reopen it first."
    ]


@pytest.mark.django_db
def test_a_refused_form_sent_by_htmx_loads_the_page_anew(client: Client) -> None:
    answer = client.post("/refuse", headers={"Referer": "http://testserver/whoami", "HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "http://testserver/whoami")


@pytest.mark.parametrize("referrer", ["", "https://evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_a_page_that_is_not_ours(client: Client, referrer: str) -> None:
    answer = client.post("/refuse", headers={"Referer": referrer})
    assert answer.status_code == 409
    assert "It was resolved a minute ago." in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "status", "word"),
    [("/forbid", 403, "Ask an administrator."), ("/nowhere", 404, "<h1>"), ("/crash", 500, "<h1>")],
)
def test_errors_are_pages_that_say_what_to_do(address: str, status: int, word: str) -> None:
    answer = Client(raise_request_exception=False).get(address)
    assert answer.status_code == status
    assert word in answer.content.decode()
    assert answer["Content-Security-Policy"]
    assert answer["Permissions-Policy"]


def test_a_lost_database_is_503_and_says_when_to_come_back() -> None:
    answer = Client(raise_request_exception=False).get("/no-database")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(("address", "status"), [("/api/crash", 500), ("/api/no-database", 503), ("/api/nowhere", 404)])
def test_under_api_even_crashes_are_problems(address: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert answer.get("Retry-After") == ("5" if status == 503 else None)


def test_a_request_for_another_host_is_refused(client: Client) -> None:
    assert client.get("/whoami", headers={"Host": "evil.example"}).status_code in (200, 400)
    assert Client(raise_request_exception=False).get("/nowhere/", headers={"Host": "evil.example"}).status_code == 400
