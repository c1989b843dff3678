"""POSTs that may be repeated, and calls that are undone whole when they are refused; on a small API of its own."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client
from django.urls import include, path

from people.models import Person
from web import callers
from web.api import Caller, Page, Query, Router, Schema, Status, Window, paged
from web.api.assembly import new_api
from web.errors import BadInput, IllegalMove, NotAllowed, NotFound
from web.models import KEPT_FOR, IdempotencyKey

pytestmark = [pytest.mark.urls(__name__)]

router = Router(tags=["things"])
slow = threading.Event()
reached = threading.Event()


class ThingIn(Schema):
    name: str
    weight: int = 1


class ThingOut(Schema):
    name: str
    at: datetime


def _store(name: str) -> datetime:
    """Keep a thing in a table that is there anyway."""
    at = datetime.now(tz=UTC)
    with transaction.atomic():
        Session.objects.create(session_key=name, session_data="", expire_date=at)
    return at


@router.post("/things", response={201: ThingOut})
def make(request: HttpRequest, given: ThingIn) -> Status[dict[str, Any]]:
    at = _store(given.name)
    if given.name.startswith("slow"):
        reached.set()
        assert slow.wait(10)
    return Status(201, {"name": given.name, "at": at})


@router.post("/refused")
def refused(request: HttpRequest) -> None:
    _store("refused")
    raise IllegalMove("This thing is already done. Reopen it first.")


@router.post("/broken")
def broken(request: HttpRequest) -> None:
    _store("broken")
    raise RuntimeError("boom")


@router.get("/refusals/{kind}")
def refusal(request: HttpRequest, kind: str) -> None:
    raise {
        "input": BadInput("Look again.", errors={"name": "Too short."}),
        "forbidden": NotAllowed("Ask an administrator."),
        "missing": NotFound("No such thing."),
    }[kind]


@router.get("/things", response=Page[str])
def things(request: HttpRequest, window: Query[Window]) -> dict[str, Any]:
    rows = Session.objects.all()
    return paged(rows, window=window, order=("-expire_date", "session_key"), serialize=lambda row: row.session_key)


api = new_api(title="Things", version="test")
api.add_router("", router)
urlpatterns = [path("api/test/", api.urls), path("accounts/", include("allauth.urls"))]


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people with a token each, known by its digest."""
    ada = Person(email="ada@harbor.example", name="Ada")
    sam = Person(email="sam@harbor.example", name="Sam")
    known = {
        callers.digest_of("ada-token"): Caller(person=ada, token_id="1"),
        callers.digest_of("sam-token"): Caller(person=sam, token_id="2"),
    }
    monkeypatch.setattr(callers, "_lookups", [known.get])


def call(
    method: str,
    address: str,
    body: Any = None,
    *,
    key: str = "",
    token: str = "ada-token",  # noqa: S107
    client: Client | None = None,
) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if key:
        headers["Idempotency-Key"] = key
    client = client or Client(raise_request_exception=False)
    return client.generic(method, f"/api/test{address}", json.dumps(body or {}), "application/json", headers=headers)


def names() -> set[str]:
    return set(Session.objects.values_list("session_key", flat=True))


@pytest.mark.django_db
def test_a_repeated_post_answers_the_same_and_does_nothing_again() -> None:
    first = call("POST", "/things", {"name": "anchor"}, key="k1")
    again = call("POST", "/things", {"name": "anchor"}, key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert names() == {"anchor"}


@pytest.mark.django_db
def test_the_stored_answer_can_not_be_read_in_the_database() -> None:
    call("POST", "/things", {"name": "secret-anchor"}, key="k1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM web_idempotencykey")
        (stored,) = cursor.fetchone()
    assert stored
    assert "anchor" not in stored


@pytest.mark.django_db
def test_the_same_key_for_another_request_is_refused() -> None:
    call("POST", "/things", {"name": "anchor"}, key="k1")
    other = call("POST", "/things", {"name": "buoy"}, key="k1")
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["title"]
    assert names() == {"anchor"}


@pytest.mark.django_db
def test_keys_of_different_callers_do_not_meet() -> None:
    call("POST", "/things", {"name": "anchor"}, key="k1")
    assert call("POST", "/things", {"name": "buoy"}, key="k1", token="sam-token").status_code == 201
    assert names() == {"anchor", "buoy"}


@pytest.mark.django_db
def test_a_refused_call_is_undone_whole_and_may_be_asked_again() -> None:
    answer = call("POST", "/refused", key="k1")
    assert answer.status_code == 409
    assert names() == set()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_a_call_that_breaks_leaves_neither_its_work_nor_its_key() -> None:
    answer = call("POST", "/broken", key="k1")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert names() == set()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_do_it_once() -> None:
    slow.clear()
    reached.clear()
    answers: list[Any] = []

    def post() -> None:
        answers.append(call("POST", "/things", {"name": "slow"}, key="twin"))
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(2)]
    threads[0].start()
    assert reached.wait(5)
    threads[1].start()
    threads[1].join(0.3)  # it waits for the first one
    slow.set()
    for thread in threads:
        thread.join(10)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert names() == {"slow"}


@pytest.mark.django_db(transaction=True)
def test_a_twin_that_takes_too_long_is_told_to_come_back() -> None:
    slow.clear()
    reached.clear()

    def post() -> None:
        call("POST", "/things", {"name": "slow-one"}, key="twin")
        connection.close()

    first = threading.Thread(target=post)
    first.start()
    try:
        assert reached.wait(5)
        second = call("POST", "/things", {"name": "slow-one"}, key="twin")
    finally:
        slow.set()
        first.join(10)
    assert second.status_code == 409
    assert second["Retry-After"] == "1"


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_day() -> None:
    call("POST", "/things", {"name": "anchor"}, key="k1")
    now = datetime.now(tz=UTC)
    assert IdempotencyKey.objects.forget_old(now=now) == 0
    assert IdempotencyKey.objects.forget_old(now=now + KEPT_FOR + timedelta(minutes=1)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address", "body", "token", "status", "errors"),
    [
        ("GET", "/refusals/input", None, "ada-token", 422, {"name": "Too short."}),
        ("GET", "/refusals/forbidden", None, "ada-token", 403, {}),
        ("GET", "/refusals/missing", None, "ada-token", 404, {}),
        ("GET", "/things", None, "", 401, {}),
        ("GET", "/things", None, "wrong", 401, {}),
        ("GET", "/nowhere", None, "ada-token", 404, {}),
        ("DELETE", "/things", None, "ada-token", 405, {}),
        ("GET", "/things?limit=201", None, "ada-token", 422, {"limit": "Input should be less than or equal to 200"}),
        ("GET", "/things?cursor=made-up", None, "ada-token", 422, None),
        ("POST", "/things", {"weight": "heavy"}, "ada-token", 422, None),
    ],
)
def test_every_error_is_a_problem(
    method: str, address: str, body: Any, token: str, status: int, errors: dict[str, str] | None
) -> None:
    answer = call(method, address, body, token=token)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    if errors is not None:
        assert said["errors"] == errors
    else:
        assert said["errors"]
    if status == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer")
    if status == 405:
        assert "GET" in answer["Allow"]


@pytest.mark.django_db
def test_wrong_fields_are_named_as_the_caller_wrote_them() -> None:
    said = call("POST", "/things", {"weight": "heavy"}).json()
    assert set(said["errors"]) == {"name", "weight"}


@pytest.mark.django_db
def test_a_list_goes_on_where_it_ended_though_rows_come_and_go() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for number in range(7):
        Session.objects.create(
            session_key=f"s{number}", session_data="", expire_date=noon + timedelta(hours=number // 2)
        )
    first = call("GET", "/things?limit=3").json()
    Session.objects.create(session_key="newer", session_data="", expire_date=noon + timedelta(days=1))
    Session.objects.filter(session_key=first["items"][-1]).delete()
    second = call("GET", f"/things?limit=3&cursor={first['next']}").json()
    third = call("GET", f"/things?limit=3&cursor={second['next']}").json()
    assert first["items"] + second["items"] + third["items"] == ["s6", "s4", "s5", "s2", "s3", "s0", "s1"]
    assert third["next"] is None


@pytest.mark.django_db
def test_a_signed_in_person_may_read_from_our_own_pages_only() -> None:
    ada = Person.objects.create_user("ada@harbor.example", "a long enough password", name="Ada")
    client = Client(raise_request_exception=False)
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert call("GET", "/things", token="", client=client).status_code == 200
    assert client.get("/api/test/things", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 401
    assert call("POST", "/things", {"name": "anchor"}, token="", client=client).status_code == 401
    assert names().isdisjoint({"anchor"})


def test_the_description_names_the_key_and_the_problem() -> None:
    schema = api.get_openapi_schema()
    post = schema["paths"]["/api/test/things"]["post"]
    assert "Idempotency-Key" in [each["name"] for each in post["parameters"]]
    assert "application/problem+json" in post["responses"]["default"]["content"]
    assert post["operationId"] == "tests_make"
