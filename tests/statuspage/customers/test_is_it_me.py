""" "Is it me?": who knows both learns what hits them; nobody learns from the answer what exists."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from statuspage.models import StatusPage
from tests.builders import NOW
from tests.statuspage.builders import make_component, make_maintenance, make_page, make_public_incident
from tests.statuspage.customers.building import make_asset, make_customer, make_server

pytestmark = pytest.mark.django_db
NOTHING = "We know of nothing"


@pytest.fixture
def page() -> StatusPage:
    page = make_page(languages=["de"])
    web = make_component(page, "Web")
    customer = make_customer(page, "K-1", "bakery.example", server=make_server(page, "web-1", web))
    make_asset(customer, "Bakery_1", kind="account")
    make_customer(page, "K-2", "fine.example", server=make_server(page, "web-2"))
    make_public_incident(page, components={web: "major_outage"}, name="Disks of web servers fail")
    return page


def ask(page: StatusPage, name: str, number: str, **more: Any) -> Any:
    headers = more.pop("headers", {})
    given = {"name": name, "number": number, **more}
    return Client().post(f"/status-pages/{page.pk}/is-it-me", given, headers=headers)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_who_is_hit_is_told_by_what(page: StatusPage) -> None:
    for name in ("bakery.example", "https://Bakery.Example/shop", " bakery.example. "):
        answer = ask(page, name, "k-1")
        assert answer.status_code == 200
        assert "Disks of web servers fail" in text(answer)
        assert NOTHING not in text(answer)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("fine.example", "K-2"),  # exists, and nothing hits it
        ("bakery.example", "K-2"),  # both exist, but not together
        ("bakery.example", "K-9"),
        ("nobody.example", "K-1"),
        ("Bakery_1", "K-1"),  # on no server
        ("bakery_1", "K-1"),
        ("%", "K-1"),
        ("' OR 1=1 --", "K-1"),
        ("bakery.example\0", "K-9"),
    ],
)
def test_what_is_not_hit_and_what_does_not_exist_are_answered_alike(page: StatusPage, name: str, number: str) -> None:
    answer, other = ask(page, name, number), ask(page, "unknown.example", "K-77")
    assert answer.status_code == other.status_code == 200
    assert "Disks of web servers fail" not in text(answer)
    without = [re.sub("generated-at.*?>", "", text(each)) for each in (answer, other)]
    for typed in (name.replace("\0", "").strip(), number, "unknown.example", "K-77"):
        without = [each.replace(escape(typed), "") for each in without]
    assert without[0] == without[1]


def test_the_same_questions_are_asked_of_the_database_for_known_and_unknown(page: StatusPage) -> None:
    def asked(name: str, number: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            ask(page, name, number)
        return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]

    known = asked("fine.example", "K-2")
    assert known == asked("unknown.example", "K-7")
    assert known == asked("unknown.example", "K-2"), "half of it is known"
    assert known == asked("bakery.example", "K-1")


def test_guessing_ends_soon(page: StatusPage) -> None:
    answers = [ask(page, f"guess-{n}.example", "K-1").status_code for n in range(32)]
    assert answers == [200] * 30 + [429] * 2
    refused = ask(page, "bakery.example", "k-1")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "too often" in text(refused)
    assert ask(page, "nobody.example", "K-404").status_code == 200


def test_guessing_many_numbers_ends_too_and_known_ones_no_sooner(page: StatusPage) -> None:
    answers = [ask(page, "bakery.example", f"G-{n}").status_code for n in range(62)]
    assert answers == [200] * 60 + [429] * 2


def test_another_site_s_form_is_refused(page: StatusPage) -> None:
    assert ask(page, "bakery.example", "K-1", headers={"origin": "https://evil.example"}).status_code == 403
    assert ask(page, "bakery.example", "K-1", headers={"origin": "null"}).status_code == 200


def test_a_robot_learns_nothing(page: StatusPage) -> None:
    answer = ask(page, "bakery.example", "K-1", website="https://spam.example")
    assert answer.status_code == 200
    assert NOTHING in text(answer)


def test_no_cookie_no_cache_no_index(page: StatusPage) -> None:
    for answer in (ask(page, "x.example", "K-1"), Client().get(f"/status-pages/{page.pk}/is-it-me")):
        assert not answer.cookies
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]
        assert "noindex" in text(answer)


def test_what_is_typed_is_text_and_nothing_else(page: StatusPage) -> None:
    answer = text(ask(page, "<script>alert(1)</script>", '"><script>alert(2)</script>'))
    assert "<script>alert" not in answer
    assert "&lt;script&gt;alert(1)" in answer


def test_it_speaks_the_language_of_the_form_or_of_the_browser(page: StatusPage) -> None:
    assert 'lang="de"' in text(ask(page, "x.example", "K-1", language="de"))
    german = Client().get(f"/status-pages/{page.pk}/is-it-me", headers={"accept-language": "de-AT,en;q=0.5"})
    assert ('lang="de"' in text(german), german["Content-Language"]) == (True, "de")
    assert 'lang="en"' in text(ask(page, "x.example", "K-1", language="xx"))


def test_planned_maintenance_is_told(page: StatusPage) -> None:
    from engine import clock

    web = page.components.get()
    make_maintenance(page, components={web: "under_maintenance"}, name="New switches", now=clock.now())
    assert "New switches" in text(ask(page, "bakery.example", "K-1"))


def test_an_unknown_or_archived_page_has_no_form(page: StatusPage) -> None:
    assert Client().get("/status-pages/nothing/is-it-me").status_code == 404
    StatusPage.objects.update(archived_at=NOW + timedelta(days=1))
    assert ask(page, "bakery.example", "K-1").status_code == 404
