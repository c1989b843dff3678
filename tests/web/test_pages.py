"""Pages that stand around every screen: sign-in, one's own account, errors, the look, light and dark, time zones."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from people.models import Person
from tests.builders import make_person
from web.zones import ReadersZone

PASSWORD = "a long enough sentence"


class Strict(HTMLParser):
    """Collects what the content security policy would refuse, and ids that stand twice."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.ids: list[str] = []
        self._script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note inline styles, handlers, scripts and addresses elsewhere."""
        given = dict(attrs)
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.refused.append(tag)
        for name in ("src", "href", "action"):
            address = given.get(name) or ""
            if address.startswith(("http:", "https:", "//", "javascript:")):
                self.refused.append(f"{tag} {address}")
        self.ids += [identity for identity in [given.get("id")] if identity]


def checked(page: str) -> str:
    """Return `page` after asserting that it keeps the policy and gives each id once."""
    strict = Strict(page)
    assert strict.refused == []
    assert sorted(strict.ids) == sorted(set(strict.ids))
    return page


@pytest.fixture
def otto() -> Person:
    """Return Otto, who can sign in with `PASSWORD`."""
    person = make_person("Otto")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.mark.django_db
def test_sign_in_offers_password_and_passkey_and_no_sign_up(client: Client) -> None:
    page = checked(client.get(reverse("account_login")).content.decode())
    assert 'autocomplete="current-password"' in page
    assert 'id="passkey_login"' in page
    assert reverse("account_reset_password") in page
    assert "signup" not in page


@pytest.mark.django_db
def test_a_wrong_password_is_said_in_the_form(client: Client, otto: Person) -> None:
    answer = client.post(reverse("account_login"), {"login": otto.email, "password": "not this one"})
    page = checked(answer.content.decode())
    assert 'class="notice bad" role="alert"' in page
    assert "not correct" in page


@pytest.mark.django_db
def test_signing_in_works(client: Client, otto: Person) -> None:
    answer = client.post(f"{reverse('account_login')}?next=/look/", {"login": otto.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/look/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "account_logout",
        "mfa_index",
        "mfa_list_webauthn",
        "usersessions_list",
        "look",
        "look_icons",
    ],
)
def test_pages_of_ones_own_keep_the_policy(client: Client, otto: Person, name: str) -> None:
    client.force_login(otto)
    answer = client.get(reverse(name), HTTP_USER_AGENT="Firefox on Otto's phone")
    assert answer.status_code == 200
    page = checked(answer.content.decode())
    assert "<h1>" in page
    assert 'popovertarget="account-menu"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_reauthenticate"])
def test_what_changes_the_second_factor_asks_who_you_are(client: Client, otto: Person, name: str) -> None:
    client.post(reverse("account_login"), {"login": otto.email, "password": PASSWORD})
    page = checked(client.get(reverse(name), follow=True).content.decode())
    assert re.search(
        r"<h1>\s*(Set up an authenticator app|Add Security Key|Two-factor sign-in)\s*</h1>|Is it you", page
    )


@pytest.mark.django_db
def test_a_forgotten_password_is_renewed_by_mail(client: Client, otto: Person) -> None:
    page = checked(client.get(reverse("account_reset_password")).content.decode())
    assert "Send the link" in page
    answer = client.post(reverse("account_reset_password"), {"email": otto.email}, follow=True)
    assert "Look into your mail" in checked(answer.content.decode())
    link = re.search(r"https?://\S+?(/accounts/\S+)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link.group(1), follow=True)
    assert 'name="password1"' in checked(form.content.decode())


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "503", "refused"])
def test_error_pages_need_neither_request_nor_database(name: str) -> None:
    page = checked(get_template(f"{name}.html").render({"status": name}))
    assert re.search(r"<h1>\s*\S", page)
    assert "calls and messages go on" in page


def test_a_refusal_speaks_for_itself() -> None:
    page = get_template("refused.html").render(
        {"title": "Not possible now", "sentence": "It is <closed>.", "status": 409}
    )
    assert "It is &lt;closed&gt;." in page
    assert "<title>" in page
    assert "Not possible now" in page
    assert "Nothing was changed" not in page


@pytest.mark.django_db
def test_the_look_needs_a_person_and_posts_answer_with_a_message(client: Client, otto: Person) -> None:
    assert client.get("/look/").status_code == 302
    client.force_login(otto)
    page = client.post("/look/", follow=True).content.decode()
    assert 'class="notice ok"' in page
    assert 'class="notice watch"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(("posted", "attribute"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')])
def test_a_choice_of_light_or_dark_is_kept(client: Client, posted: str, attribute: str) -> None:
    answer = client.post(reverse("theme"), {"theme": posted, "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"
    assert attribute in client.get("/accounts/login/").content.decode()
    client.post(reverse("theme"), {"theme": "system"})
    assert "data-theme" not in client.get("/accounts/login/").content.decode()


@pytest.mark.django_db
def test_the_choice_never_leads_elsewhere_and_never_writes_into_the_page(client: Client) -> None:
    assert client.post(reverse("theme"), {"next": "https://evil.example/"})["Location"] == "/"
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    ("zone", "name"),
    [("Europe/Berlin", "Europe/Berlin"), ("", "UTC"), ("Mars/Olympus", "UTC"), ("../etc/passwd", "UTC")],
)
def test_times_are_told_in_the_readers_zone(zone: str, name: str) -> None:
    seen: list[str] = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    request = RequestFactory().get("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    request.user = Person(time_zone=zone)
    ReadersZone(view)(request)
    assert seen == [name]
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
def test_a_refresh_in_another_tab_does_not_swallow_a_message(client: Client, otto: Person) -> None:
    client.force_login(otto)
    client.post("/look/")
    assert "This page only shows" not in client.get("/look/", HTTP_X_REQUESTED_WITH="live").content.decode()
    assert "This page only shows" in client.get("/look/").content.decode()
