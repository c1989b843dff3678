"""Pages behind a password: nothing of them in the published folder, nothing for whoever lacks the password."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import Settings

from engine import clock
from statuspage.models import Publisher, StatusPage, Subscriber
from statuspage.private import files as files_of_private
from statuspage.private.files import tree_of
from statuspage.private.keys import LASTS_S
from statuspage.publishing.publish import publish
from tests.statuspage.builders import make_component, make_page, make_public_incident, say
from tests.statuspage.customers.building import give_link, make_customer
from web.errors import IllegalMove

pytestmark = pytest.mark.django_db
PASSWORD = "nine tin boats"


@pytest.fixture(autouse=True)
def _folders(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.STATUS_PUBLISH_DIR = tmp_path / "var" / "status"


@pytest.fixture
def page() -> StatusPage:
    page = make_page("Partners only", slug="partners", audience="password", password=make_password(PASSWORD))
    make_public_incident(page, components={make_component(page, "Wholesale"): "major_outage"}, name="Ports are down")
    return page


def base(page: StatusPage) -> str:
    return f"/status-pages/{page.pk}/private/"


def enter(page: StatusPage, password: str = PASSWORD, *, client: Client | None = None, to: str = "") -> Any:
    given = {"password": password, "to": to}
    return (client or Client()).post(f"{base(page)}-/enter", given)


def text(response: Any) -> str:
    return response.content.decode()  # type: ignore[no-any-return]


def test_without_the_password_nothing_is_told(page: StatusPage) -> None:
    for path in ("", "index.html", "api/v2/summary.json", "history.atom", "incidents/x.html", ".manifest.json"):
        answer = Client().get(base(page) + path)
        assert answer.status_code == 403
        assert "Ports are down" not in text(answer)
        assert "Wholesale" not in text(answer)
        assert not answer.cookies
    assert not files_of_private.tree_of(page).root.exists()


FORMS = ("subscribe", "is-it-me", "report", "comment", "api/v2/subscribers.json")


@pytest.mark.parametrize("form", FORMS)
def test_without_the_password_no_form_tells_or_takes_anything(page: StatusPage, form: str) -> None:
    given = {"channel": "email", "address": "spy@rival.example", "subscriber[email]": "spy@rival.example"}
    for ask in (Client().get, Client().post):
        answer = ask(f"/status-pages/{page.pk}/{form}", given)
        assert answer.status_code in (403, 405), form
        assert "Wholesale" not in text(answer)
    assert not Subscriber.objects.exists()


def test_with_the_password_its_forms_are_open(page: StatusPage) -> None:
    client = Client()
    enter(page, client=client)
    assert "Wholesale" in text(client.get(f"/status-pages/{page.pk}/subscribe"))
    answer = client.post(f"/status-pages/{page.pk}/api/v2/subscribers.json", {"subscriber[email]": "ada@acme.example"})
    assert (answer.status_code, Subscriber.objects.count()) == (201, 1)


def test_the_password_opens_every_file_of_the_page(page: StatusPage) -> None:
    client = Client()
    assert enter(page, client=client)["Location"] == base(page)
    front = client.get(base(page))
    assert (front.status_code, "Ports are down" in text(front)) == (200, True)
    assert (front["Cache-Control"], front["X-Robots-Tag"]) == ("private, no-cache", "noindex")
    for link in set(re.findall(r'(?:href|src)="(?!https?:|#|/)([^"#?]+)', text(front))):
        assert client.get(base(page) + link).status_code == 200, link
    assert client.get(f"{base(page)}api/v2/summary.json").json()["incidents"][0]["name"] == "Ports are down"
    assert client.get(base(page), headers={"if-none-match": front["ETag"]}).status_code == 304
    assert client.get(f"{base(page)}nothing.html").status_code == 404


@pytest.mark.parametrize(
    "path", ["../../../../etc/passwd", "..%2f..%2fsecret", ".manifest.json", ".generations/objects", "a//b", "\\..\\x"]
)
def test_only_the_page_s_own_files_are_handed_out(page: StatusPage, path: str) -> None:
    client = Client()
    enter(page, client=client)
    assert client.get(base(page) + path).status_code == 404


def test_nothing_of_it_lies_in_the_published_folder(page: StatusPage, settings: Settings) -> None:
    make_page()
    give_link(make_customer(page, "K-secret"))
    enter_and_read = Client()
    enter(page, client=enter_and_read)
    enter_and_read.get(base(page))
    publish(now=clock.now())
    published = [path for path in settings.STATUS_PUBLISH_DIR.rglob("*") if path.is_file()]
    assert len(published) > 10
    for path in published:
        content = path.read_bytes() + str(path).encode()
        for word in (b"Partners only", b"partners", b"Ports are down", b"Wholesale", page.pk.encode(), b"K-secret"):
            assert word not in content, path


def test_a_published_folder_around_the_private_one_is_refused(page: StatusPage, settings: Settings) -> None:
    settings.STATUS_PUBLISH_DIR = settings.VAR_DIR
    with pytest.raises(IllegalMove):
        tree_of(page)
    client = Client()
    enter(page, client=client)
    assert client.get(base(page)).status_code == 409


def test_a_wrong_password_is_told_and_opens_nothing(page: StatusPage) -> None:
    client = Client()
    answer = enter(page, "nine tin boat", client=client)
    assert (answer.status_code, "not the password" in text(answer)) == (403, True)
    assert not answer.cookies
    assert client.get(base(page)).status_code == 403


def test_guessing_ends_soon_for_one_place_and_one_page(page: StatusPage) -> None:
    answers = [enter(page, f"guess {n}").status_code for n in range(17)]
    assert answers == [403] * 15 + [429] * 2
    assert enter(page).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.77")
    assert enter(page, client=elsewhere).status_code == 302
    other = make_page("Other", slug="other", audience="password", password=make_password(PASSWORD))
    assert enter(other).status_code == 302


def test_the_key_is_for_one_page_its_path_and_a_day_s_work(page: StatusPage) -> None:
    client = Client()
    cookie = enter(page, client=client).cookies[f"muster_page_{page.pk}"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"/status-pages/{page.pk}/", True, "Lax")
    assert int(cookie["max-age"]) == LASTS_S
    assert PASSWORD not in cookie.value
    other = make_page("Other", slug="other", audience="password", password=make_password(PASSWORD))
    thief = Client()
    thief.cookies[f"muster_page_{other.pk}"] = cookie.value
    assert thief.get(base(other)).status_code == 403


def test_another_password_takes_every_key_back(page: StatusPage) -> None:
    client = Client()
    enter(page, client=client)
    assert client.get(base(page)).status_code == 200
    StatusPage.objects.filter(pk=page.pk).update(password=make_password("other words here"))
    assert client.get(base(page)).status_code == 403


def test_a_key_is_old_after_twelve_hours(page: StatusPage, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    enter(page, client=client)
    monkeypatch.setattr("statuspage.private.keys.LASTS_S", 0)
    assert client.get(base(page)).status_code == 403


def test_leaving_forgets_the_password(page: StatusPage) -> None:
    client = Client()
    enter(page, client=client)
    assert client.post(f"{base(page)}-/leave").status_code == 200
    assert client.get(base(page)).status_code == 403
    assert client.get(f"{base(page)}-/leave").status_code == 405


@pytest.mark.parametrize(
    ("to", "target"),
    [
        ("history.html", "history.html"),
        ("incidents/abc.html", "incidents/abc.html"),
        ("//evil.example/", ""),
        ("/evil", ""),
        ("../../../people/", ""),
        ("https://evil.example", ""),
        ("x\r\nSet-Cookie: a=b", ""),
    ],
)
def test_the_password_leads_on_within_the_page_alone(page: StatusPage, to: str, target: str) -> None:
    assert enter(page, to=to)["Location"] == base(page) + target


def test_what_changes_is_there_at_once_and_otherwise_it_is_not_made_again(
    page: StatusPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    enter(page, client=client)
    client.get(base(page))
    first = tree_of(page).manifest().generation
    client.get(base(page))
    assert tree_of(page).manifest().generation == first
    say(page.incidents.get(), "identified", "It is a fibre.")
    assert "It is a fibre." in text(client.get(base(page)))
    assert tree_of(page).manifest().generation == first + 1
    monkeypatch.setattr("statuspage.publishing.publish.FRESH_FOR", timedelta(0))
    client.get(base(page))
    assert tree_of(page).manifest().generation == first + 2
    assert Publisher.objects.get().wanted > 0


def test_while_another_process_makes_it_readers_get_what_was_there(page: StatusPage) -> None:
    client = Client()
    enter(page, client=client)
    client.get(base(page))
    say(page.incidents.get(), "identified", "It is a fibre.")
    with tree_of(page).rendering() as alone:
        assert alone
        shown = client.get(base(page))
    assert (shown.status_code, "It is a fibre." in text(shown)) == (200, False)


def test_a_page_that_never_was_made_says_so_while_another_process_makes_it(
    page: StatusPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_of_private, "FIRST_MADE_WITHIN_S", 0.2)
    client = Client()
    enter(page, client=client)
    tree = tree_of(page)
    tree.root.mkdir(parents=True)
    with tree.rendering():
        assert client.get(base(page)).status_code == 409
    assert client.get(base(page)).status_code == 200


def test_other_pages_have_no_door(page: StatusPage) -> None:
    public = make_page()
    assert Client().get(base(public)).status_code == 404
    assert enter(public).status_code == 404
    StatusPage.objects.update(archived_at=clock.now())
    assert enter(page).status_code == 404


def test_the_door_speaks_to_robots_and_other_sites(page: StatusPage) -> None:
    robot = Client().post(f"{base(page)}-/enter", {"password": PASSWORD, "website": "x"})
    assert robot.status_code == 403
    foreign = Client().post(f"{base(page)}-/enter", {"password": PASSWORD}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert not foreign.cookies
